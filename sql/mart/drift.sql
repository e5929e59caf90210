-- Grain: one row a node and master value that the evidence speaks against, with the names people know.
select drift.*, node.item_name, node.location_name
from plan.drift as drift
join core.node as node on node.item_id = drift.item_id and node.location_id = drift.location_id
