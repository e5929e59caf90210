-- One row per lot that may be used: not on hold, not expired on or before as-of, at a node of the network.
select lot.item_id, lot.location_id, lot.lot_id, lot.qty, lot.expiry_date
from staging.lot as lot
join core.node_key as node_key on node_key.item_id = lot.item_id and node_key.location_id = lot.location_id
where coalesce(lot.status, 'available') <> 'hold'
    and coalesce(lot.expiry_date > as_of(), true)
    and lot.qty > 0
order by lot.item_id, lot.location_id, lot.lot_id
