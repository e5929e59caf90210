-- The safety stock, reorder point and order-up-to level beside a line are those of its node, and its unit is the item's.
select line.proposal_id, line.item_id, line.location_id, line.safety_stock_qty, line.reorder_point_qty, line.order_up_to_qty
from plan.proposal as line
left join plan.target as target on target.item_id = line.item_id and target.location_id = line.location_id
left join core.item as item on item.item_id = line.item_id
where line.uom is distinct from item.uom
    or (line.safety_stock_qty is null) <> (target.safety_stock_qty is null)
    or (line.reorder_point_qty is null) <> (target.reorder_point_qty is null)
    or (line.order_up_to_qty is null) <> (target.order_up_to_qty is null)
    or coalesce(differs(line.safety_stock_qty, target.safety_stock_qty), false)
    or coalesce(differs(line.reorder_point_qty, target.reorder_point_qty), false)
    or coalesce(differs(line.order_up_to_qty, target.order_up_to_qty), false)
