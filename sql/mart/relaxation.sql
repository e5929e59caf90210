-- Grain: one row a limit of the plant to relax so that all is made in time: by how many hours, at what cost, for what gain.
select
    relaxation.kind,
    relaxation.work_center_id,
    case when relaxation.kind = 'due' then coalesce(item.name, relaxation.work_center_id) else relaxation.work_center_id end
        as who,
    relaxation.location_id,
    coalesce(location.name, relaxation.location_id) as location_name,
    relaxation.bucket_index,
    bucket.bucket_start,
    bucket.bucket_days,
    relaxation.hours,
    relaxation.cost,
    relaxation.value
from plan.relaxation as relaxation
join core.bucket as bucket on bucket.bucket_index = relaxation.bucket_index
left join core.item as item on item.item_id = relaxation.work_center_id
left join core.location as location on location.location_id = relaxation.location_id
