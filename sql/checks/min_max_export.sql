-- What an ERP is told is the minimum and maximum of the targets, the minimum not above the maximum; it is told where the
-- node is new to it, its pack is another, or one of the two changed by more than one unit and a tenth; else it is not.
with judged as (
    select
        told.*,
        target.min_qty as target_min_qty,
        target.max_qty as target_max_qty,
        told.previous_min_qty is null
        or told.multiple_qty <> told.previous_multiple_qty
        or abs(told.min_qty - told.previous_min_qty) > greatest(1, 0.1 * told.previous_min_qty)
        or abs(told.max_qty - told.previous_max_qty) > greatest(1, 0.1 * told.previous_max_qty) as is_due
    from plan.min_max as told
    join plan.target as target on target.item_id = told.item_id and target.location_id = told.location_id
)
select item_id, location_id, min_qty, max_qty, target_min_qty, target_max_qty, is_due, is_exported
from judged
where min_qty > max_qty or min_qty <> target_min_qty or max_qty <> target_max_qty or is_due <> is_exported
