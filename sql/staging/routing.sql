-- One row per operation of an item at a plant; of two the later load wins.
select
    clean_text(item_id) as item_id,
    clean_text(location_id) as location_id,
    operation_seq,
    clean_text(work_center_id) as work_center_id,
    run_hours_per_unit,
    setup_hours,
    clean_text(setup_family) as setup_family,
    yield_rate,
    clean_text(alternate_group) as alternate_group,
    queue_hours,
    splittable
from raw.routing
left join meta.load on load.load_id = routing._load_id
qualify row_number() over (
    partition by clean_text(routing.item_id), clean_text(routing.location_id), routing.operation_seq
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
