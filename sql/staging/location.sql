-- One row per location of the master; of two the later load wins.
select
    clean_text(location_id) as location_id,
    clean_text(name) as name,
    clean_text(kind) as kind,
    clean_text(cluster) as cluster,
    clean_text(calendar_id) as calendar_id,
    volume_capacity,
    clean_text(shortage_rule) as shortage_rule
from raw.location
left join meta.load on load.load_id = location._load_id
qualify row_number() over (
    partition by clean_text(location.location_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
