-- One row per ERP, kind of thing and our id; of two keys the later load wins.
select
    clean_text(system) as system,
    clean_text(kind) as kind,
    clean_text(our_id) as our_id,
    clean_text(erp_id) as erp_id,
    clean_text(name) as name
from raw.erp_key
left join meta.load on load.load_id = erp_key._load_id
qualify row_number() over (
    partition by clean_text(erp_key.system), clean_text(erp_key.kind), clean_text(erp_key.our_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
