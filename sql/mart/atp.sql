-- Grain: one row a node and open bucket. What can still be promised by then, with the names people know.
select
    atp.item_id,
    coalesce(node.item_name, atp.item_id) as item_name,
    atp.location_id,
    coalesce(node.location_name, atp.location_id) as location_name,
    node.uom,
    coalesce(node.is_continuous, false) as is_continuous,
    atp.bucket_index,
    atp.bucket_start,
    atp.supply_qty,
    atp.order_qty,
    atp.atp_qty,
    atp.cumulative_atp_qty,
    atp.sure_qty,
    atp.promise_probability
from plan.atp as atp
left join core.node as node on node.item_id = atp.item_id and node.location_id = atp.location_id
