-- One row per event, past or announced; of two the later load wins.
select
    clean_text(event_id) as event_id,
    clean_text(kind) as kind,
    start_date,
    end_date,
    clean_text(item_id) as item_id,
    clean_path(category) as category,
    clean_text(location_id) as location_id,
    expected_uplift_rate
from raw.event
left join meta.load on load.load_id = event._load_id
qualify row_number() over (
    partition by clean_text(event.event_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
