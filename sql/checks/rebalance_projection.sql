-- Every unit of a lateral move leaves the projection of its origin at once and enters that of its destination in the
-- bucket of its receipt: moves make no stock and lose none.
with told as (
    select item_id, location_id, bucket_index, moved_in_qty, moved_out_qty
    from plan.projection
    where moved_in_qty <> 0 or moved_out_qty <> 0
),
coming as (
    select r.item_id, r.location_id, b.bucket_index, sum(r.qty) as qty
    from plan.rebalance as r
    left join core.bucket as b on b.bucket_index >= 0 and r.receipt_date between b.bucket_start and b.bucket_end
    group by r.item_id, r.location_id, b.bucket_index
),
going as (
    select item_id, source_id as location_id, 0 as bucket_index, sum(qty) as qty
    from plan.rebalance
    group by item_id, source_id
),
decided as (
    select item_id, location_id, bucket_index, sum(in_qty) as in_qty, sum(out_qty) as out_qty
    from (
        select item_id, location_id, bucket_index, qty as in_qty, 0 as out_qty
        from coming
        union all
        select item_id, location_id, bucket_index, 0, qty
        from going
    ) as both_ends
    group by item_id, location_id, bucket_index
)
select
    coalesce(decided.item_id, told.item_id) as item_id,
    coalesce(decided.location_id, told.location_id) as location_id,
    coalesce(decided.bucket_index, told.bucket_index) as bucket_index,
    coalesce(decided.in_qty, 0) as in_qty,
    coalesce(told.moved_in_qty, 0) as moved_in_qty,
    coalesce(decided.out_qty, 0) as out_qty,
    coalesce(told.moved_out_qty, 0) as moved_out_qty
from decided
full join told
    on told.item_id = decided.item_id
    and told.location_id = decided.location_id
    and told.bucket_index = decided.bucket_index
where differs(coalesce(decided.in_qty, 0), coalesce(told.moved_in_qty, 0))
    or differs(coalesce(decided.out_qty, 0), coalesce(told.moved_out_qty, 0))
