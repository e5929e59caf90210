-- One row per node: its stock by the latest snapshot up to as-of, and what is promised, blocked, expired or on order.
-- Orders counted as lost are not on order; customer orders already due are backorders. What is reserved for customer
-- order lines in the books is their demand already: only reservations beyond them are taken off the stock.
with snapshot as (
    select
        item_id,
        location_id,
        max(date) as date,
        arg_max(on_hand_qty, date) as on_hand_qty,
        arg_max(coalesce(reserved_qty, 0), date) as reserved_qty
    from staging.stock
    where on_hand_qty is not null
    group by item_id, location_id
),
stored_lot as (
    select *, coalesce(expiry_date <= as_of(), false) as is_expired, coalesce(status = 'hold', false) as is_blocked
    from staging.lot
),
unusable as (
    select
        item_id,
        location_id,
        exact_sum(case when is_expired then qty else 0 end) as expired_qty,
        exact_sum(case when is_blocked and not is_expired then qty else 0 end) as blocked_qty
    from stored_lot
    group by item_id, location_id
),
on_order as (
    select item_id, location_id, exact_sum(open_qty) as qty
    from core.open_supply
    where not is_lost
    group by item_id, location_id
),
wanted as (
    select
        item_id,
        location_id,
        exact_sum(open_qty) as qty,
        exact_sum(case when due_date <= as_of() then open_qty else 0 end) as backorder_qty
    from core.open_demand
    group by item_id, location_id
)
select
    node_key.item_id,
    node_key.location_id,
    coalesce(snapshot.on_hand_qty, 0)::double as recorded_on_hand_qty,
    snapshot.date as snapshot_date,
    coalesce(unusable.blocked_qty, 0)::double as blocked_qty,
    coalesce(unusable.expired_qty, 0)::double as expired_qty,
    greatest(0, coalesce(snapshot.reserved_qty, 0) - coalesce(wanted.qty, 0))::double as reserved_qty,
    coalesce(on_order.qty, 0)::double as on_order_qty,
    coalesce(wanted.backorder_qty, 0)::double as backorder_qty
from core.node_key as node_key
left join snapshot using (item_id, location_id)
left join unusable using (item_id, location_id)
left join on_order using (item_id, location_id)
left join wanted using (item_id, location_id)
order by node_key.item_id, node_key.location_id
