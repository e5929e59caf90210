-- One row per order line placed up to as-of, open or received; of two the later load wins.
select
    clean_text(order_id) as order_id,
    clean_text(line_id) as line_id,
    clean_text(kind) as kind,
    clean_text(item_id) as item_id,
    clean_text(location_id) as location_id,
    qty,
    due_date,
    open_qty,
    clean_text(source_id) as source_id,
    order_date,
    clean_text(status) as status
from raw.open_order
left join meta.load on load.load_id = open_order._load_id
where order_date is null or order_date <= as_of()
qualify row_number() over (
    partition by clean_text(open_order.order_id), clean_text(open_order.line_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
