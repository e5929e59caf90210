-- One row per supplier; of two the later load wins.
select
    clean_text(supplier_id) as supplier_id,
    clean_text(name) as name,
    clean_text(calendar_id) as calendar_id,
    clean_text(order_calendar_id) as order_calendar_id,
    lead_time_days,
    order_cost,
    min_order_value,
    min_order_qty,
    truck_volume,
    truck_weight,
    truck_cost,
    full_truck_only
from raw.supplier
left join meta.load on load.load_id = supplier._load_id
qualify row_number() over (
    partition by clean_text(supplier.supplier_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
