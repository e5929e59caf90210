-- Grain: one row a work centre and week, and one of all weeks together: how well it worked, beside what was said of it.
select
    figure.*,
    coalesce(location.name, center.location_id) as location_name,
    center.machine_count,
    center.efficiency_rate
from plan.plant_figure as figure
left join core.work_center as center on center.work_center_id = figure.work_center_id
left join core.location as location on location.location_id = center.location_id
