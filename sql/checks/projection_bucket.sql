-- Every planned node is projected over every bucket of the horizon, each with its own first day.
with planned as (
    select distinct item_id, location_id
    from plan.projection
),
bucket as (
    select bucket_index, bucket_start
    from core.bucket
    where bucket_index >= 0
)
select planned.item_id, planned.location_id, bucket.bucket_index, bucket.bucket_start, row.bucket_start as told_start
from planned
cross join bucket
left join plan.projection as row
    on row.item_id = planned.item_id and row.location_id = planned.location_id and row.bucket_index = bucket.bucket_index
where row.bucket_start is distinct from bucket.bucket_start
union all
select row.item_id, row.location_id, row.bucket_index, null, row.bucket_start
from plan.projection as row
where row.bucket_index not in (select bucket_index from bucket)
