-- Tonight's moves, lateral ones with them, take no more from a node than it has on hand, usable, and may receive before the first bucket ends.
with taken as (
    select item_id, source_id as location_id, sum(qty) as qty
    from (
        select item_id, source_id, qty
        from plan.order
        where kind = 'move' and order_date <= (select bucket_end from core.bucket where bucket_index = 0)
        union all
        select item_id, source_id, qty
        from plan.rebalance
    ) as moves
    group by item_id, source_id
),
coming as (
    select item_id, location_id, open_qty as qty, due_date
    from core.open_supply
    where not is_lost
    union all
    select item_id, location_id, qty, receipt_date
    from plan.rebalance
),
arriving as (
    select coming.item_id, coming.location_id, sum(coming.qty) as qty
    from coming
    join core.bucket as bucket on bucket.bucket_index = 0 and coming.due_date <= bucket.bucket_end
    group by coming.item_id, coming.location_id
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
