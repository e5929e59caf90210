-- Grain: one row a node, a supplier at a location, or an item at a work centre, and master value that the evidence speaks
-- against, with the names people know.
select
    drift.*,
    coalesce(node.item_name, item.name, 'all items') as item_name,
    coalesce(location.name, drift.location_id) as location_name
from plan.drift as drift
left join core.location as location on location.location_id = drift.location_id
left join core.node as node on node.item_id = drift.item_id and node.location_id = drift.location_id
left join core.item as item on item.item_id = drift.item_id
where node.item_id is not null or drift.item_id = '' or drift.old_rate is not null
