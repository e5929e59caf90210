-- One row per work centre, day and order of the shop floor's log, beside what the routing says of it.
-- The item is that of the order, where all its lines are of one; of an item that passes a work centre twice the log does
-- not tell which operation it was. Hours not written follow from the others: planned = run + down. A log without an ideal
-- rate goes by the routing.
with made as (
    select order_id, min(item_id) as item_id
    from staging.open_order
    where kind = 'production'
    group by order_id
    having count(distinct item_id) = 1
),
operation as (
    select
        item_id,
        work_center_id,
        min(location_id) as location_id,
        min(run_hours_per_unit) as run_hours_per_unit,
        min(coalesce(setup_hours, 0)) as setup_hours,
        min(coalesce(nullif(yield_rate, 0), 1)) as yield_rate
    from staging.routing
    group by item_id, work_center_id
    having count(*) = 1
)
select
    log.work_center_id,
    log.date,
    coalesce(log.order_id, '') as order_id,
    coalesce(operation.location_id, work_center.location_id) as location_id,
    made.item_id,
    coalesce(log.planned_hours, log.run_hours + coalesce(log.down_hours, 0), 0)::double as planned_hours,
    coalesce(log.run_hours, greatest(log.planned_hours - log.down_hours, 0), 0)::double as run_hours,
    coalesce(log.down_hours, 0)::double as down_hours,
    coalesce(log.good_qty, 0)::double as good_qty,
    coalesce(log.scrap_qty, 0)::double as scrap_qty,
    coalesce(nullif(log.ideal_qty_per_hour, 0), 1 / nullif(operation.run_hours_per_unit, 0))::double as ideal_qty_per_hour,
    coalesce(log.ideal_qty_per_hour, 0) > 0 as is_ideal_stated,
    operation.run_hours_per_unit::double as routing_hours_per_unit,
    operation.setup_hours::double as setup_hours,
    operation.yield_rate::double as yield_rate
from staging.production_log as log
left join made on made.order_id = log.order_id
left join operation on operation.item_id = made.item_id and operation.work_center_id = log.work_center_id
left join core.work_center as work_center on work_center.work_center_id = log.work_center_id
order by 1, 2, 3
