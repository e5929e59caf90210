-- One row per work centre and pair of set-up families; of two the later load wins.
select
    clean_text(work_center_id) as work_center_id,
    clean_text(from_family) as from_family,
    clean_text(to_family) as to_family,
    hours
from raw.setup_change
left join meta.load on load.load_id = setup_change._load_id
qualify row_number() over (
    partition by
        clean_text(setup_change.work_center_id),
        clean_text(setup_change.from_family),
        clean_text(setup_change.to_family)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
