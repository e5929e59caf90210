-- One row per lot of an item at a location; of two the later load wins.
select
    clean_text(item_id) as item_id,
    clean_text(location_id) as location_id,
    clean_text(lot_id) as lot_id,
    qty,
    expiry_date,
    clean_text(status) as status
from raw.lot
left join meta.load on load.load_id = lot._load_id
qualify row_number() over (
    partition by clean_text(lot.item_id), clean_text(lot.location_id), clean_text(lot.lot_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
