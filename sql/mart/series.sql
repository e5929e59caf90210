-- Grain: one row a node. Its last 52 weeks and all weeks ahead as lists in order of bucket, for the page of one node.
-- history_index is the bucket of the first history entry; lists of the future start at bucket 0.
-- state: one letter a bucket, f full, p partial, c censored (no stock), m missing.
-- low and high hold 80 % of single buckets: variance phi f + kappa f^2, quantiles of a gamma by Wilson and Hilferty (1931).
with history as (
    select
        h.item_id,
        h.location_id,
        cast(min(h.bucket_index) as integer) as history_index,
        list(h.sales_qty order by h.bucket_index) as sales_qty,
        list(case when d.is_estimate then d.demand_qty end order by h.bucket_index) as estimate_qty,
        string_agg(coalesce(left(d.state, 1), 'f'), '' order by h.bucket_index) as state,
        list(h.closing_qty order by h.bucket_index) as stock_qty
    from core.demand_history as h
    inner join mart.calendar as b on b.bucket_index = h.bucket_index
    left join plan.demand as d
        on d.item_id = h.item_id and d.location_id = h.location_id and d.bucket_index = h.bucket_index
    where h.bucket_index < 0
    group by h.item_id, h.location_id
),
law as (
    select
        f.item_id,
        f.location_id,
        f.bucket_index,
        f.forecast_qty,
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
        list(forecast_qty order by bucket_index) as forecast_qty,
        list(
            coalesce(forecast_qty * greatest(1 - 1 / (9 * shape) - 1.2815516 / (3 * sqrt(shape)), 0) ** 3, 0)
            order by bucket_index
        ) as low_qty,
        list(
            coalesce(forecast_qty * greatest(1 - 1 / (9 * shape) + 1.2815516 / (3 * sqrt(shape)), 0) ** 3, 0)
            order by bucket_index
        ) as high_qty
    from law
    group by item_id, location_id
),
future as (
    select
        item_id,
        location_id,
        list(demand_qty order by bucket_index) as need_qty,
        list(receipt_qty order by bucket_index) as receipt_qty,
        list(proposed_qty order by bucket_index) as proposed_qty,
        list(planned_qty order by bucket_index) as planned_qty,
        list(closing_q10_qty order by bucket_index) as stock_q10_qty,
        list(closing_q50_qty order by bucket_index) as stock_q50_qty,
        list(closing_q90_qty order by bucket_index) as stock_q90_qty,
        list(closing_without_qty order by bucket_index) as stock_without_qty
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
    h.history_index,
    h.sales_qty,
    h.estimate_qty,
    h.state,
    h.stock_qty,
    a.forecast_qty,
    a.low_qty,
    a.high_qty,
    f.need_qty,
    f.receipt_qty,
    f.proposed_qty,
    f.planned_qty,
    f.stock_q10_qty,
    f.stock_q50_qty,
    f.stock_q90_qty,
    f.stock_without_qty,
    w.pack_qty,
    case when n.has_money then w.pack_value end as pack_value
from core.node as n
left join history as h on h.item_id = n.item_id and h.location_id = n.location_id
left join fan as a on a.item_id = n.item_id and a.location_id = n.location_id
left join future as f on f.item_id = n.item_id and f.location_id = n.location_id
left join worth as w on w.item_id = n.item_id and w.location_id = n.location_id
order by n.item_id, n.location_id
