-- One row per count (day, item, location) up to as-of; of two the later load wins.
select
    date,
    clean_text(item_id) as item_id,
    clean_text(location_id) as location_id,
    book_qty,
    counted_qty
from raw.stock_count
left join meta.load on load.load_id = stock_count._load_id
where date <= as_of()
qualify row_number() over (
    partition by stock_count.date, clean_text(stock_count.item_id), clean_text(stock_count.location_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
