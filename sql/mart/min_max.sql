-- Grain: one row a node whose minimum, maximum or pack an ERP should be told tonight, with the names people know and the
-- stock that the change of the maximum ties up (negative: frees); empty where cost and price are unknown.
select
    told.item_id,
    node.item_name,
    told.location_id,
    node.location_name,
    node.uom,
    told.min_qty,
    told.max_qty,
    told.multiple_qty,
    told.previous_min_qty,
    told.previous_max_qty,
    told.previous_multiple_qty,
    told.change,
    case when node.has_money then (told.max_qty - coalesce(told.previous_max_qty, 0)) * node.unit_cost end
        as max_change_value
from plan.min_max as told
join core.node as node on node.item_id = told.item_id and node.location_id = told.location_id
where told.is_exported
order by told.item_id, told.location_id
