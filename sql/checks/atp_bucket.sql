-- What can be promised is told bucket by bucket of the calendar, in the unit of its item, and with the node's own level.
select atp.item_id, atp.location_id, atp.bucket_index, atp.bucket_start, atp.bucket_end, atp.uom, atp.promise_probability
from plan.atp as atp
left join core.bucket as bucket on bucket.bucket_index = atp.bucket_index
left join core.node as node on node.item_id = atp.item_id and node.location_id = atp.location_id
where bucket.bucket_start is distinct from atp.bucket_start
    or bucket.bucket_end is distinct from atp.bucket_end
    or node.uom is distinct from atp.uom
    or node.service_target is distinct from atp.promise_probability
