-- Every planned node that is not used up has its minimum and maximum once, with the pack of its source, and the word for
-- what changed says whether it is told.
with packed as (
    select target.item_id, target.location_id, coalesce(max(arc.multiple_qty), 0) as multiple_qty
    from plan.target as target
    left join core.arc as arc
        on arc.item_id = target.item_id and arc.location_id = target.location_id and arc.arc_rank = 1
    where isfinite(target.min_qty) and isfinite(target.max_qty) and coalesce(arc.kind <> 'pass', true)
    group by target.item_id, target.location_id
)
select
    coalesce(told.item_id, packed.item_id) as item_id,
    coalesce(told.location_id, packed.location_id) as location_id,
    told.multiple_qty,
    packed.multiple_qty as pack_qty,
    told.change
from plan.min_max as told
full join packed on packed.item_id = told.item_id and packed.location_id = told.location_id
where told.item_id is null
    or (packed.item_id is null and told.previous_min_qty is null)
    or coalesce(differs(told.multiple_qty, packed.multiple_qty), false)
    or told.is_exported <> (told.change not in ('small', 'none'))
    or (told.change = 'new') <> (told.previous_min_qty is null)
    or (told.change = 'pack' and told.multiple_qty = told.previous_multiple_qty)
    or (told.change = 'none' and (told.min_qty <> told.previous_min_qty or told.max_qty <> told.previous_max_qty))
    or (told.change in ('min', 'min_and_max') and told.min_qty = told.previous_min_qty)
    or (told.change in ('max', 'min_and_max') and told.max_qty = told.previous_max_qty)
