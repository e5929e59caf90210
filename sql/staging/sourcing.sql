-- One row per way to supply an item at a location (arc), valid tonight or not; of two the later load wins.
select
    clean_text(item_id) as item_id,
    clean_text(location_id) as location_id,
    clean_text(kind) as kind,
    clean_text(source_id) as source_id,
    lead_time_days,
    review_days,
    min_qty,
    multiple_qty,
    max_qty,
    unit_cost,
    order_cost,
    priority,
    share,
    valid_from,
    valid_to
from raw.sourcing
left join meta.load on load.load_id = sourcing._load_id
qualify row_number() over (
    partition by
        clean_text(sourcing.item_id),
        clean_text(sourcing.location_id),
        clean_text(sourcing.kind),
        clean_text(sourcing.source_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
