-- Tonight's moves take no more from a node than it has on hand, usable, and may receive before the first bucket ends.
with taken as (
    select item_id, source_id as location_id, sum(qty) as qty
    from plan.order
    where kind = 'move'
    group by item_id, source_id
),
arriving as (
    select open_supply.item_id, open_supply.location_id, sum(open_supply.open_qty) as qty
    from core.open_supply as open_supply
    join core.bucket as bucket on bucket.bucket_index = 0 and open_supply.due_date <= bucket.bucket_end
    where not open_supply.is_lost
    group by open_supply.item_id, open_supply.location_id
),
available as (
    select
        taken.item_id,
        taken.location_id,
        taken.qty as taken_qty,
        greatest(
            0,
            coalesce(
                position.recorded_on_hand_qty - position.blocked_qty - position.expired_qty - position.reserved_qty, 0
            )
        )
        + coalesce(arriving.qty, 0) as available_qty
    from taken
    left join core.position as position
        on position.item_id = taken.item_id and position.location_id = taken.location_id
    left join arriving on arriving.item_id = taken.item_id and arriving.location_id = taken.location_id
)
select *
from available
where exceeds(taken_qty, available_qty)
