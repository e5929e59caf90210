-- One row per count up to as-of at a node of the network: what the books said and what was found.
select count.item_id, count.location_id, count.date, count.book_qty, count.counted_qty
from staging.stock_count as count
join core.node_key as node_key on node_key.item_id = count.item_id and node_key.location_id = count.location_id
order by count.item_id, count.location_id, count.date
