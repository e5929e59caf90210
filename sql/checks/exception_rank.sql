-- Exceptions are ranked 1, 2, 3 by the money at stake, each named once; every one is about a node, an order, a machine or
-- a place that there is, says when it matters and why, and was first seen by this run or the night before it.
with place as (
    select
        raised.*,
        row_number() over (order by rank, exception_id) as place,
        lag(value_at_stake) over (order by rank) as value_above,
        count(*) over (partition by exception_id) as same_id
    from plan.exception as raised
)
select place.exception_id, place.code, place.item_id, place.location_id, place.rank, place.value_at_stake, place.value_above
from place
left join core.previous_exception as before on before.exception_id = place.exception_id
where place.rank <> place.place
    or exceeds(place.value_at_stake, coalesce(place.value_above, place.value_at_stake))
    or place.same_id > 1
    or trim(place.explanation) = ''
    or place.first_seen_run <> coalesce(before.first_seen_run, place.first_seen_run)
    or (before.exception_id is null and place.first_seen_run not in (select run_id from plan.steadiness where as_of = as_of()))
    or (place.item_id is not null and place.item_id not in (select item_id from core.item))
    or (
        place.location_id is not null
        and place.location_id not in (select location_id from core.location)
    )
