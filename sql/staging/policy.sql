-- One row per item, category and location a policy speaks of (empty: all); of two the later load wins.
select
    clean_text(item_id) as item_id,
    clean_path(category) as category,
    clean_text(location_id) as location_id,
    service_target,
    fill_target,
    min_stock_qty,
    max_stock_qty,
    review_days,
    shortage_cost,
    clean_text(method) as method,
    clean_text(lot_rule) as lot_rule,
    lot_qty
from raw.policy
left join meta.load on load.load_id = policy._load_id
qualify row_number() over (
    partition by clean_text(policy.item_id), clean_path(policy.category), clean_text(policy.location_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
