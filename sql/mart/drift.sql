-- Grain: one row a node, or a supplier at a location, and master value that the evidence speaks against, with the names
-- people know.
select drift.*, coalesce(node.item_name, 'all items') as item_name, location.name as location_name
from plan.drift as drift
join core.location as location on location.location_id = drift.location_id
left join core.node as node on node.item_id = drift.item_id and node.location_id = drift.location_id
where node.item_id is not null or drift.item_id = ''
