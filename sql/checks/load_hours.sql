-- Levelled hours of a work centre fit into its capacity and overtime, overtime is what goes beyond capacity, and every
-- work centre has its row in every open bucket.
select
    work_center.work_center_id,
    bucket.bucket_index,
    load.levelled_hours,
    load.capacity_hours + load.overtime_hours as open_hours,
    load.overtime_hours,
    load.overtime_limit_hours
from core.work_center as work_center
cross join core.bucket as bucket
left join plan.load as load
    on load.work_center_id = work_center.work_center_id and load.bucket_index = bucket.bucket_index
where bucket.bucket_index >= 0
    and (
        load.work_center_id is null
        or exceeds(load.levelled_hours, load.capacity_hours + load.overtime_hours)
        or exceeds(load.overtime_hours, load.overtime_limit_hours)
    )
order by 1, 2
