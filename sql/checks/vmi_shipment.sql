-- Each vendor-managed node is told once: its stock, the levels agreed, tonight's order of it and what it will hold then.
with told_node as (
    select
        node.item_id,
        node.location_id,
        node.item_name,
        node.location_name,
        node.uom,
        node.min_stock_qty,
        node.max_stock_qty,
        orders.source_id,
        orders.qty,
        orders.order_date,
        orders.receipt_date,
        greatest(
            0,
            position.recorded_on_hand_qty - position.blocked_qty - position.expired_qty - position.reserved_qty
        ) as on_hand_qty,
        projected.closing_qty
    from core.node as node
    join plan.order as orders on orders.item_id = node.item_id and orders.location_id = node.location_id
    left join core.position as position
        on position.item_id = node.item_id and position.location_id = node.location_id
    left join core.bucket as bucket
        on bucket.bucket_index >= 0 and orders.receipt_date between bucket.bucket_start and bucket.bucket_end
    left join plan.projection as projected
        on projected.item_id = node.item_id
        and projected.location_id = node.location_id
        and projected.bucket_index = bucket.bucket_index
    where node.location_kind = 'vmi'
)
select
    coalesce(told.item_id, there.item_id) as item_id,
    coalesce(told.location_id, there.location_id) as location_id,
    told.shipment_qty,
    there.qty,
    told.projected_qty,
    there.closing_qty
from plan.vmi as told
full join told_node as there on there.item_id = told.item_id and there.location_id = told.location_id
where told.item_id is null
    or there.item_id is null
    or told.item_name <> there.item_name
    or told.location_name <> there.location_name
    or told.uom <> there.uom
    or told.source_id <> there.source_id
    or told.order_date <> there.order_date
    or told.receipt_date <> there.receipt_date
    or differs(told.shipment_qty, there.qty)
    or differs(coalesce(told.on_hand_qty, 0), coalesce(there.on_hand_qty, 0))
    or differs(told.min_qty, there.min_stock_qty)
    or differs(coalesce(told.max_qty, -1), coalesce(there.max_stock_qty, -1))
    or differs(coalesce(told.projected_qty, -1e9), coalesce(there.closing_qty, -1e9))
