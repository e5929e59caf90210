-- One row per work centre, stated or only named by a routing; what is not stated is one machine at planned speed, free.
-- Machines are whole: of two and a half two can work side by side. Overtime without a cost is paid at half as much again.
with named as (
    select work_center_id, min(location_id) as location_id
    from staging.routing
    group by work_center_id
)
select
    coalesce(work_center.work_center_id, named.work_center_id) as work_center_id,
    coalesce(work_center.location_id, named.location_id) as location_id,
    greatest(1, floor(coalesce(work_center.machine_count, 1)))::integer as machine_count,
    coalesce(nullif(work_center.efficiency_rate, 0), 1)::double as efficiency_rate,
    coalesce(work_center.cost_per_hour, 0)::double as cost_per_hour,
    coalesce(work_center.overtime_hours, 0)::double as overtime_hours,
    coalesce(work_center.overtime_cost_per_hour, 1.5 * work_center.cost_per_hour, 0)::double as overtime_cost_per_hour
from staging.work_center as work_center
full join named on named.work_center_id = work_center.work_center_id
order by 1
