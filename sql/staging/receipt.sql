-- One row per receipt against an order line up to as-of; the same receipt in two files counts once.
select
    clean_text(order_id) as order_id,
    clean_text(line_id) as line_id,
    date,
    qty
from raw.receipt
left join meta.load on load.load_id = receipt._load_id
where date <= as_of()
qualify row_number() over (
    partition by clean_text(receipt.order_id), clean_text(receipt.line_id), receipt.date, receipt.qty
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
