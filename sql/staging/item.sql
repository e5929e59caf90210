-- One row per item of the master; of two the later load wins.
select
    clean_text(item_id) as item_id,
    clean_text(name) as name,
    clean_path(category) as category,
    clean_text(brand) as brand,
    clean_text(size) as size,
    clean_text(uom) as uom,
    unit_cost,
    unit_price,
    shelf_life_days,
    volume,
    weight,
    launch_date,
    end_date,
    approval_date,
    clean_text(successor_item_id) as successor_item_id,
    salvage_value,
    disposal_cost
from raw.item
left join meta.load on load.load_id = item._load_id
qualify row_number() over (
    partition by clean_text(item.item_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
