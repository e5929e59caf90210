-- The parts of every change add up to it, in units and in money; its quantities are those of the previous run's proposals
-- and of tonight's; no node whose quantity changed is left out where there is a night before.
with tonight as (
    select
        item_id,
        location_id,
        sum(greatest(qty - case action when 'INCREASE' then coalesce(old_qty, 0) else 0 end, 0)) as qty
    from plan.proposal
    where action in ('NEW', 'INCREASE')
    group by item_id, location_id
),
both_nights as (
    select
        item_id,
        location_id,
        coalesce(before.previous_qty, 0) as previous_qty,
        coalesce(tonight.qty, 0) as qty
    from tonight
    full join core.previous_order as before using (item_id, location_id)
),
told as (
    select
        item_id,
        location_id,
        any_value(previous_qty) as previous_qty,
        any_value(qty) as qty,
        any_value(change_qty) as change_qty,
        exact_sum(part_qty) as part_qty,
        any_value(change_value) as change_value,
        exact_sum(part_value) as part_value
    from plan.change
    group by item_id, location_id
),
compared as (
    select exists (from plan.change) or exists (from core.previous_steadiness) as is_told
)
select
    item_id,
    location_id,
    both_nights.previous_qty,
    both_nights.qty,
    told.change_qty,
    told.part_qty,
    told.change_value,
    told.part_value
from both_nights
full join told using (item_id, location_id)
cross join compared
where is_told and (
    (told.change_qty is null and abs(both_nights.qty - both_nights.previous_qty) > 1e-6)
    or (
        told.change_qty is not null
        and (
            both_nights.qty is null
            or differs(told.previous_qty, both_nights.previous_qty)
            or differs(told.qty, both_nights.qty)
            or abs(told.change_qty - told.qty + told.previous_qty) > 1e-5
            or abs(told.part_qty - told.change_qty) > 1e-5
            or abs(told.part_value - told.change_value) > 1e-5 * greatest(1, abs(told.change_value))
        )
    )
)
