-- One row per snapshot (day, item, location) up to as-of; of two the later load wins.
-- The largest table with a key: only snapshots that come more than once are sorted.
with snapshot as (
    select
        date,
        clean_text(item_id) as item_id,
        clean_text(location_id) as location_id,
        on_hand_qty,
        reserved_qty,
        in_stock_share,
        _load_id,
        _row
    from raw.stock
    where date <= as_of()
),
repeated as (
    select date, item_id, location_id
    from snapshot
    group by date, item_id, location_id
    having count(*) > 1
),
latest as (
    select snapshot.*
    from snapshot
    semi join repeated using (date, item_id, location_id)
    left join meta.load on load.load_id = snapshot._load_id
    qualify row_number() over (
        partition by date, item_id, location_id
        order by load.file desc nulls last, _row desc, _load_id desc
    ) = 1
)
select * exclude (_load_id, _row)
from snapshot
anti join repeated using (date, item_id, location_id)
union all
select * exclude (_load_id, _row)
from latest
