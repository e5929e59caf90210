-- Grain: one row a work centre and open bucket. Hours there are and hours needed, before and after levelling.
select
    load.work_center_id,
    load.location_id,
    coalesce(location.name, load.location_id) as location_name,
    load.bucket_index,
    bucket.bucket_start,
    bucket.bucket_end,
    bucket.week_index,
    min(bucket.bucket_start) over (partition by bucket.week_index) as week_start,
    load.capacity_hours,
    load.overtime_limit_hours,
    load.planned_hours,
    load.levelled_hours,
    load.overtime_hours,
    load.overload_hours,
    load.hour_value
from plan.load as load
join core.bucket as bucket on bucket.bucket_index = load.bucket_index
left join core.location as location on location.location_id = load.location_id
