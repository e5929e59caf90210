-- One row per bill line and first day it holds, valid tonight or not; of two the later load wins.
select
    clean_text(parent_item_id) as parent_item_id,
    clean_text(component_item_id) as component_item_id,
    qty_per,
    base_qty,
    clean_text(location_id) as location_id,
    scrap_rate,
    phantom,
    clean_text(alternate_group) as alternate_group,
    valid_from,
    valid_to
from raw.bom
left join meta.load on load.load_id = bom._load_id
qualify row_number() over (
    partition by
        clean_text(bom.parent_item_id),
        clean_text(bom.component_item_id),
        clean_text(bom.location_id),
        clean_text(bom.alternate_group),
        bom.valid_from
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
