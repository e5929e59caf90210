-- One row per node with history: a checksum of its closed buckets' sales, and of those that the previous fit covered.
-- The oldest weeks are left out of the checksum, so that what it covers is still looked at when it is compared.
with checked as (
    select min(bucket_start) + 35 as checked_from
    from core.bucket
),
fitted as (
    select item_id, location_id, min(checked_from) as checked_from, max(fitted_date) as fitted_date
    from core.previous_member_fit
    group by item_id, location_id
),
bucket as (
    select bucket_index, bucket_end
    from core.bucket
    where bucket_index < 0
)
select
    history.item_id,
    history.location_id,
    checked.checked_from,
    printf(
        '%016x',
        coalesce(bit_xor(hash(bucket_start, sales_qty)) filter (where bucket_start >= checked.checked_from), 0)
    ) as checksum,
    printf(
        '%016x',
        bit_xor(hash(bucket_start, sales_qty)) filter (
            where bucket_start >= fitted.checked_from and bucket_end <= fitted.fitted_date
        )
    ) as previous_checksum
from core.demand_history as history
join bucket using (bucket_index)
cross join checked
left join fitted using (item_id, location_id)
group by history.item_id, history.location_id, checked.checked_from
order by history.item_id, history.location_id
