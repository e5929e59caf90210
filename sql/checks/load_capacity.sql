-- Hours of a work centre are those its calendar opens its machines for; overtime is what goes beyond them, and what the
-- plan asked for beyond them, before it was levelled, is told.
with open_hours as (
    select work_day.work_center_id, bucket.bucket_index, sum(work_day.hours) as hours
    from core.work_day as work_day
    join core.bucket as bucket
        on bucket.bucket_index >= 0 and work_day.date between bucket.bucket_start and bucket.bucket_end
    group by all
)
select load.work_center_id, load.bucket_index, load.capacity_hours, open_hours.hours, load.overtime_hours, load.overload_hours
from plan.load as load
left join core.work_center as center on center.work_center_id = load.work_center_id
left join open_hours on open_hours.work_center_id = load.work_center_id and open_hours.bucket_index = load.bucket_index
where center.location_id is distinct from load.location_id
    or differs(load.capacity_hours, coalesce(open_hours.hours, 0) * center.machine_count)
    or exceeds(load.overtime_limit_hours, center.overtime_hours)
    or abs(load.overtime_hours - greatest(0, load.levelled_hours - load.capacity_hours)) > 1e-3
    or differs(load.overload_hours, greatest(0, load.planned_hours - load.capacity_hours))
    or load.hour_value < 0
