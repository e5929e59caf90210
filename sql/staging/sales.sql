-- One row per sales line up to as-of; a returned line is negative. Lines have no key, so none is merged.
select
    date,
    clean_text(item_id) as item_id,
    clean_text(location_id) as location_id,
    qty,
    unit_price,
    clean_text(customer_id) as customer_id,
    clean_text(order_id) as order_id,
    clean_text(channel) as channel
from raw.sales
where date <= as_of()
