-- What lateral moves take from a node lies there tonight, usable, beyond its floor and what its customers have ordered;
-- and no node both gives and takes.
with leaving as (
    select item_id, source_id as location_id, sum(qty) as qty
    from plan.rebalance
    group by item_id, source_id
),
owed as (
    select item_id, location_id, sum(open_qty) as qty
    from core.open_demand
    group by item_id, location_id
)
select
    leaving.item_id,
    leaving.location_id,
    leaving.qty,
    greatest(
        0,
        coalesce(p.recorded_on_hand_qty - p.blocked_qty - p.expired_qty - p.reserved_qty, 0)
        - coalesce(owed.qty, 0)
        - coalesce(n.min_stock_qty, 0)
    ) as free_qty
from leaving
left join core.position as p on p.item_id = leaving.item_id and p.location_id = leaving.location_id
left join owed on owed.item_id = leaving.item_id and owed.location_id = leaving.location_id
left join core.node as n on n.item_id = leaving.item_id and n.location_id = leaving.location_id
where exceeds(leaving.qty, free_qty)
    or exists (
        from plan.rebalance as other
        where other.item_id = leaving.item_id and other.location_id = leaving.location_id
    )
