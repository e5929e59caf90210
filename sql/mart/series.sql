-- Grain: one row a node. Its last 52 weeks and all weeks ahead as lists in order of bucket, for the page of one node.
-- history_index is the bucket of the first history entry; lists of the future start at bucket 0.
-- state: one letter a bucket, f full, p partial, c censored (no stock), m missing, x closed (stock lies as it lay).
-- low and high hold 80 % of single buckets: variance phi f + kappa f^2, quantiles of a gamma by Wilson and Hilferty (1931).
with shown as (
    select h.item_id, h.location_id, min(h.bucket_index) as first_index
    from core.demand_history as h
    inner join mart.calendar as b on b.bucket_index = h.bucket_index
    group by h.item_id, h.location_id
),
told as (
    select
        s.item_id,
        s.location_id,
        b.bucket_index,
        coalesce(h.sales_qty, 0) as sales_qty,
        case when d.is_estimate then d.demand_qty end as estimate_qty,
        case when h.item_id is null then 'x' else coalesce(left(d.state, 1), 'f') end as state,
        coalesce(h.closing_qty, lag(h.closing_qty ignore nulls) over node_so_far) as stock_qty
    from shown as s
    inner join mart.calendar as b on b.bucket_index between s.first_index and -1
    left join core.demand_history as h
        on h.item_id = s.item_id and h.location_id = s.location_id and h.bucket_index = b.bucket_index
    left join plan.demand as d
        on d.item_id = s.item_id and d.location_id = s.location_id and d.bucket_index = b.bucket_index
    window node_so_far as (partition by s.item_id, s.location_id order by b.bucket_index)
),
history as (
    select
        item_id,
        location_id,
        list(
            {
                'bucket_index': bucket_index,
                'sales_qty': sales_qty,
                'estimate_qty': estimate_qty,
                'state': state,
                'stock_qty': stock_qty
            }
            order by bucket_index
        ) as past
    from told
    group by item_id, location_id
),
law as (
    select
        f.item_id,
        f.location_id,
        f.bucket_index,
        f.forecast_qty,
        f.event_qty,
        f.forecast_qty * f.forecast_qty
        / nullif(p.phi * f.forecast_qty + p.kappa * f.forecast_qty * f.forecast_qty, 0) as shape
    from plan.forecast as f
    inner join plan.parameter as p on p.item_id = f.item_id and p.location_id = f.location_id
    where f.bucket_index >= 0
),
fan as (
    select
        item_id,
        location_id,
        list(
            {
                'mean_qty': forecast_qty,
                'event_qty': event_qty,
                'low_qty': coalesce(
                    forecast_qty * greatest(1 - 1 / (9 * shape) - 1.2815516 / (3 * sqrt(shape)), 0) ** 3, 0
                ),
                'high_qty': coalesce(
                    forecast_qty * greatest(1 - 1 / (9 * shape) + 1.2815516 / (3 * sqrt(shape)), 0) ** 3, 0
                )
            }
            order by bucket_index
        ) as ahead
    from law
    group by item_id, location_id
),
future as (
    select
        item_id,
        location_id,
        list(
            {
                'need_qty': demand_qty,
                'receipt_qty': receipt_qty + moved_in_qty,
                'proposed_qty': proposed_qty,
                'planned_qty': planned_qty,
                'q10_qty': closing_q10_qty,
                'q50_qty': closing_q50_qty,
                'q90_qty': closing_q90_qty,
                'without_qty': closing_without_qty
            }
            order by bucket_index
        ) as stock
    from plan.projection
    where bucket_index >= 0
    group by item_id, location_id
),
worth as (
    select
        c.item_id,
        c.location_id,
        list(c.pack_qty order by c.pack_index) as pack_qty,
        list(c.pack_value order by c.pack_index) as pack_value
    from plan.curve as c
    group by c.item_id, c.location_id
)
select
    n.item_id,
    n.location_id,
    h.past[1].bucket_index as history_index,
    [one.sales_qty for one in h.past] as sales_qty,
    [one.estimate_qty for one in h.past] as estimate_qty,
    array_to_string([one.state for one in h.past], '') as state,
    [one.stock_qty for one in h.past] as stock_qty,
    [one.mean_qty for one in a.ahead] as forecast_qty,
    [one.event_qty for one in a.ahead] as event_qty,
    [one.low_qty for one in a.ahead] as low_qty,
    [one.high_qty for one in a.ahead] as high_qty,
    [one.need_qty for one in f.stock] as need_qty,
    [one.receipt_qty for one in f.stock] as receipt_qty,
    [one.proposed_qty for one in f.stock] as proposed_qty,
    [one.planned_qty for one in f.stock] as planned_qty,
    [one.q10_qty for one in f.stock] as stock_q10_qty,
    [one.q50_qty for one in f.stock] as stock_q50_qty,
    [one.q90_qty for one in f.stock] as stock_q90_qty,
    [one.without_qty for one in f.stock] as stock_without_qty,
    w.pack_qty,
    case when n.has_money then w.pack_value end as pack_value
from core.node as n
left join history as h on h.item_id = n.item_id and h.location_id = n.location_id
left join fan as a on a.item_id = n.item_id and a.location_id = n.location_id
left join future as f on f.item_id = n.item_id and f.location_id = n.location_id
left join worth as w on w.item_id = n.item_id and w.location_id = n.location_id
order by n.item_id, n.location_id
