-- Levels stand in their order: reorder point at most order-up-to, which holds the shelf floor; only a floor above the
-- level costs. Where a fill target rules orders up to a level, it is that of the fill target, raised to the floor or held
-- by the largest stock: where a node neither supplies a location nor is supplied from one (there waits count too), and is
-- no component (which have the safety stock of production).
with linked as (
    select item_id, location_id
    from core.arc
    where kind = 'move' and arc_rank = 1
    union
    select item_id, source_id
    from core.arc
    where kind = 'move' and arc_rank = 1
),
level as (
    select
        target.*,
        node.method = 'order_up_to'
        and target.target_kind = 'fill'
        and target.protection_qty > 0
        and decoupling.item_id is null
        and linked.item_id is null as is_fill_level,
        greatest(
            target.shelf_floor_qty,
            least(target.fill_order_up_to_qty, coalesce(node.max_stock_qty, target.fill_order_up_to_qty))
        ) as fill_level_qty
    from plan.target as target
    join core.node as node on node.item_id = target.item_id and node.location_id = target.location_id
    left join linked on linked.item_id = target.item_id and linked.location_id = target.location_id
    left join plan.decoupling as decoupling
        on decoupling.item_id = target.item_id and decoupling.location_id = target.location_id
)
select item_id, location_id, reorder_point_qty, order_up_to_qty, shelf_floor_qty, fill_level_qty, floor_cost_value
from level
where exceeds(reorder_point_qty, order_up_to_qty)
    or exceeds(shelf_floor_qty, order_up_to_qty)
    or (floor_cost_value > 0 and exceeds(order_up_to_qty, shelf_floor_qty))
    or (is_fill_level and differs(order_up_to_qty, fill_level_qty))
