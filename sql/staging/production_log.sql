-- One row per line of the shop floor's log up to as-of: those of the newest load for a work centre, day and order. Lines
-- that say the same twice count once.
select distinct
    clean_text(work_center_id) as work_center_id,
    date,
    clean_text(order_id) as order_id,
    planned_hours,
    run_hours,
    down_hours,
    good_qty,
    scrap_qty,
    ideal_qty_per_hour
from raw.production_log
left join meta.load on load.load_id = production_log._load_id
where date <= as_of()
qualify dense_rank() over (
    partition by clean_text(production_log.work_center_id), production_log.date, clean_text(production_log.order_id)
    order by load.file desc nulls last, _load_id desc
) = 1
