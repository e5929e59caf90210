-- Levels are those of the node's own targets and of the forecast over its protection time: cover is the level over mean
-- demand of it, and no level or lot is below nothing.
select target.item_id, target.location_id, target.service_target, target.fill_target, target.protection_qty,
    target.safety_stock_qty, target.order_up_to_qty, target.cover_rate, target.min_qty, target.max_qty
from plan.target as target
left join core.node as node on node.item_id = target.item_id and node.location_id = target.location_id
left join plan.wish as wish on wish.item_id = target.item_id and wish.location_id = target.location_id
left join core.arc as arc
    on arc.item_id = target.item_id and arc.location_id = target.location_id and arc.arc_rank = 1
where node.item_id is null
    or target.target_kind <> node.target_kind
    or (not target.is_clipped and differs(target.service_target, node.service_target))
    or (not target.is_clipped and differs(target.fill_target, node.fill_target))
    or exceeds(target.service_target, node.service_target)
    or exceeds(target.fill_target, node.fill_target)
    or target.fill_order_up_to_qty < 0
    or exceeds(node.min_stock_qty, target.shelf_floor_qty)
    or (
        wish.wait_days = 0
        and arc.fence_days = 0
        and target.protection_buckets <> wish.lead_time_buckets + wish.review_buckets
    )
    or target.economic_order_qty < 0
    or coalesce(target.upstream_delay_days < 0, false)
    or (
        not target.is_capped
        and target.protection_qty > 0
        and exceeds(target.protection_qty + target.safety_stock_qty, target.order_up_to_qty)
    )
    or (
        not target.is_capped
        and target.protection_qty > 0
        and target.lot_rule = 'review'
        and exceeds(
            target.order_up_to_qty,
            greatest(
                target.shelf_floor_qty,
                target.fill_order_up_to_qty,
                target.protection_qty + target.safety_stock_qty + greatest(1, target.economic_order_qty, coalesce(arc.multiple_qty, 0), coalesce(arc.min_qty, 0))
            )
        )
    )
    or (
        node.method <> 'min_max'
        and target.protection_qty > 0
        and target.min_qty not between target.reorder_point_qty - 1.000001
        and greatest(target.reorder_point_qty, target.shelf_floor_qty) + 1.000001
    )
    or (
        node.method <> 'min_max'
        and abs(target.max_qty - greatest(target.order_up_to_qty, target.min_qty)) > 1.000001
        and target.protection_qty > 0
    )
    or (
        target.cover_rate is not null
        and differs(target.cover_rate * target.protection_qty, target.order_up_to_qty)
    )
