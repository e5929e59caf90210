-- Every bucket opens with what the bucket before it closed with, and no bucket is left out.
select
    here.item_id,
    here.location_id,
    here.bucket_index,
    here.opening_qty,
    before.closing_qty as closing_before_qty
from plan.projection as here
left join plan.projection as before
    on before.item_id = here.item_id
    and before.location_id = here.location_id
    and before.bucket_index = here.bucket_index - 1
where here.bucket_index > 0
    and (before.closing_qty is null or differs(here.opening_qty, before.closing_qty))
