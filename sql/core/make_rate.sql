-- One row per item and plant with a routing: good units a day that its slowest operation could make if it made nothing
-- else, and the money of one set-up through all operations. Of alternates the first is used; hours are those of the days
-- ahead.
with working as (
    select work_center_id, sum(hours order by date) / count(*) as hours_per_day
    from core.work_day
    group by work_center_id
),
good as (
    select
        operation.item_id,
        operation.location_id,
        operation.operation_seq,
        coalesce(working.hours_per_day, 24) * work_center.machine_count as hours_per_day,
        operation.run_hours_per_unit * operation.start_qty_per_good as hours_per_good,
        operation.setup_hours * work_center.cost_per_hour as setup_cost
    from core.operation as operation
    join core.work_center as work_center on work_center.work_center_id = operation.work_center_id
    left join working on working.work_center_id = operation.work_center_id
    where operation.alternate_rank = 1
)
select
    item_id,
    location_id,
    min(hours_per_day / nullif(hours_per_good, 0))::double as good_per_day_qty,
    sum(setup_cost order by operation_seq)::double as setup_cost
from good
group by item_id, location_id
order by item_id, location_id
