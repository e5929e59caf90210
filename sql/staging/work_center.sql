-- One row per work centre; of two the later load wins.
select
    clean_text(work_center_id) as work_center_id,
    clean_text(location_id) as location_id,
    machine_count,
    clean_text(calendar_id) as calendar_id,
    efficiency_rate,
    cost_per_hour,
    overtime_hours,
    overtime_cost_per_hour
from raw.work_center
left join meta.load on load.load_id = work_center._load_id
qualify row_number() over (
    partition by clean_text(work_center.work_center_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
