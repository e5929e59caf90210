-- One row per item and plant with a routing: good units a day that its slowest operation could make if it made nothing
-- else, and the money of one set-up through all operations. Of operations in one alternate group the first is used; yields
-- of this operation and those after it make more pieces of each good unit. A centre without a calendar works around the
-- clock; hours are those of the days ahead.
with operation as (
    select *
    from staging.routing
    qualify alternate_group is null or operation_seq = min(operation_seq) over (
        partition by item_id, location_id, alternate_group
    )
),
working as (
    select calendar_id, sum(hours order by date) / count(*) as hours_per_day
    from core.calendar_day
    where date >= order_day()
    group by calendar_id
),
center as (
    select
        work_center.work_center_id,
        coalesce(working.hours_per_day, 24)
        * coalesce(work_center.machine_count, 1)
        * coalesce(work_center.efficiency_rate, 1) as hours_per_day,
        coalesce(work_center.cost_per_hour, 0) as cost_per_hour
    from staging.work_center as work_center
    left join working on working.calendar_id = work_center.calendar_id
),
good as (
    select
        operation.item_id,
        operation.location_id,
        operation.operation_seq,
        coalesce(center.hours_per_day, 24) as hours_per_day,
        operation.run_hours_per_unit,
        coalesce(operation.setup_hours, 0) * coalesce(center.cost_per_hour, 0) as setup_cost,
        product(coalesce(operation.yield_rate, 1)) over (
            partition by operation.item_id, operation.location_id
            order by operation.operation_seq desc
        ) as yield_rate
    from operation
    left join center on center.work_center_id = operation.work_center_id
)
select
    item_id,
    location_id,
    min(hours_per_day * yield_rate / nullif(run_hours_per_unit, 0))::double as good_per_day_qty,
    sum(setup_cost order by operation_seq)::double as setup_cost
from good
group by item_id, location_id
order by item_id, location_id
