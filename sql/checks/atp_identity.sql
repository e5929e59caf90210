-- What is promised and what is ordered is the supply, where that is not less; the running sum is the sum so far and
-- leaves every order of later days served; what is sure does not fall, and is no more than all that comes at all. Each
-- number is added up here from the projection and the orders, not from the step.
with customer as (
    select d.item_id, d.location_id, coalesce(b.bucket_index, 0) as bucket_index, sum(d.open_qty) as qty
    from core.open_demand as d
    left join core.bucket as b on b.bucket_index >= 0 and d.due_date between b.bucket_start and b.bucket_end
    where b.bucket_index is not null or d.due_date <= as_of()
    group by all
),
dependant as (
    select
        r.item_id,
        r.location_id,
        r.bucket_index,
        sum(r.tonight_qty * case when w.qty > 0 then coalesce(o.qty, 0) / w.qty else 1 end) as qty
    from plan.requirement as r
    left join plan.wish as w on w.item_id = r.dependant_item_id and w.location_id = r.dependant_location_id
    left join plan.order as o on o.item_id = r.dependant_item_id and o.location_id = r.dependant_location_id
    group by all
),
told as (
    select
        a.*,
        greatest(p.opening_qty + p.record_adjustment_qty - p.moved_out_qty, 0) * (a.bucket_index = 0)::integer
        + p.receipt_qty + p.moved_in_qty + p.proposed_qty + p.planned_qty as projected_qty,
        p.sure_qty as projected_sure_qty,
        coalesce(c.qty, 0) + coalesce(d.qty, 0) as wanted_qty,
        sum(a.supply_qty - a.order_qty - a.expired_qty) over (until) as balance_qty,
        sum(a.atp_qty) over (until) as running_qty,
        sum(a.supply_qty) over (node) as all_supply_qty,
        lead(a.sure_qty, 1, a.sure_qty) over (until) as next_sure_qty
    from plan.atp as a
    left join plan.projection as p
        on p.item_id = a.item_id and p.location_id = a.location_id and p.bucket_index = a.bucket_index
    left join customer as c
        on c.item_id = a.item_id and c.location_id = a.location_id and c.bucket_index = a.bucket_index
    left join dependant as d
        on d.item_id = a.item_id and d.location_id = a.location_id and d.bucket_index = a.bucket_index
    window
        node as (partition by a.item_id, a.location_id),
        until as (partition by a.item_id, a.location_id order by a.bucket_index)
),
judged as (
    select
        *,
        greatest(
            0,
            min(balance_qty) over (
                partition by item_id, location_id order by bucket_index rows between current row and unbounded following
            )
        ) as free_qty
    from told
)
select
    item_id, location_id, bucket_index, supply_qty, projected_qty, order_qty, wanted_qty, cumulative_atp_qty,
    running_qty, free_qty, sure_qty
from judged
where coalesce(differs(supply_qty, projected_qty), true)
    or differs(order_qty, wanted_qty)
    or abs(cumulative_atp_qty - running_qty) > 1e-6 * greatest(1, all_supply_qty)
    or abs(cumulative_atp_qty - free_qty) > 1e-6 * greatest(1, all_supply_qty)
    or exceeds(sure_qty, next_sure_qty)
    or coalesce(differs(sure_qty, projected_sure_qty), true)
