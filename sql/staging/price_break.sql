-- One row per item, supplier and quantity from which the price holds; of two the later load wins.
select
    clean_text(item_id) as item_id,
    clean_text(supplier_id) as supplier_id,
    min_qty,
    unit_cost,
    clean_text(kind) as kind
from raw.price_break
left join meta.load on load.load_id = price_break._load_id
qualify row_number() over (
    partition by clean_text(price_break.item_id), clean_text(price_break.supplier_id), price_break.min_qty
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
