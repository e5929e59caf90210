-- One row per work centre, day and order of the shop floor's log, beside what the routing says of it.
-- Lines of the same day and order, one a shift say, add up; their ideal rate is that of all their units. Hours not written
-- follow from the others: planned = run + down. The item is that of the order, where all its lines are of one; of an item
-- that passes a work centre twice the log does not tell which operation it was. A log without an ideal rate goes by the
-- routing.
with logged as (
    select
        work_center_id,
        date,
        order_id,
        exact_sum(coalesce(planned_hours, run_hours + coalesce(down_hours, 0), 0)) as planned_hours,
        exact_sum(coalesce(run_hours, greatest(planned_hours - down_hours, 0), 0)) as run_hours,
        exact_sum(coalesce(down_hours, 0)) as down_hours,
        exact_sum(coalesce(good_qty, 0)) as good_qty,
        exact_sum(coalesce(scrap_qty, 0)) as scrap_qty,
        exact_sum(case when ideal_qty_per_hour > 0 then coalesce(good_qty, 0) + coalesce(scrap_qty, 0) end) as rated_qty,
        exact_sum((coalesce(good_qty, 0) + coalesce(scrap_qty, 0)) / nullif(ideal_qty_per_hour, 0)) as ideal_hours,
        min(nullif(ideal_qty_per_hour, 0)) as least_rate,
        max(nullif(ideal_qty_per_hour, 0)) as largest_rate
    from staging.production_log
    group by work_center_id, date, order_id
),
made as (
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
    log.planned_hours,
    log.run_hours,
    log.down_hours,
    log.good_qty,
    log.scrap_qty,
    coalesce(
        case when log.least_rate < log.largest_rate then log.rated_qty / nullif(log.ideal_hours, 0) end,
        log.largest_rate,
        1 / nullif(operation.run_hours_per_unit, 0)
    )::double as ideal_qty_per_hour,
    log.largest_rate is not null as is_ideal_stated,
    operation.run_hours_per_unit::double as routing_hours_per_unit,
    operation.setup_hours::double as setup_hours,
    operation.yield_rate::double as yield_rate
from logged as log
left join made on made.order_id = log.order_id
left join operation on operation.item_id = made.item_id and operation.work_center_id = log.work_center_id
left join core.work_center as work_center on work_center.work_center_id = log.work_center_id
order by 1, 2, 3
