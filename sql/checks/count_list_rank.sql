-- Counts are ranked 1, 2, 3, of nodes that there are, with what their books and their audit say and a reason that holds.
with line as (
    select
        told.*,
        row_number() over (order by told.rank, told.item_id, told.location_id) as place,
        lag(told.value) over (order by told.rank) as value_above,
        lag(told.reason) over (order by told.rank) as reason_above,
        position.recorded_on_hand_qty as books_qty,
        record.ghost_probability as audit_probability,
        record.is_ghost,
        record.is_negative
    from plan.count_list as told
    left join core.position as position on position.item_id = told.item_id and position.location_id = told.location_id
    left join plan.record as record on record.item_id = told.item_id and record.location_id = told.location_id
)
select item_id, location_id, rank, place, reason, recorded_on_hand_qty, books_qty, ghost_probability, value, value_above
from line
where rank <> place
    or books_qty is null
    or differs(recorded_on_hand_qty, books_qty)
    or differs(ghost_probability, audit_probability)
    or exceeds(round(value, 6), round(coalesce(value_above, value), 6))
    or reason <> case
        when is_negative then 'negative_stock'
        when is_ghost then 'ghost_stock'
        when books_qty = 0 and reason = 'zero_stock' then 'zero_stock'
        when value > 0 then 'record_error'
        else 'cycle'
    end
