-- One row per stretch of open buckets in which a location that sells sold nothing of anything, in the days that are
-- searched: longer than it ever was silent in the year before, and too long for chance (Poisson, with as many items as
-- sold in a bucket of the 28 before). It is a gap in the feed where stock went on falling, or where nobody sold though
-- other files go on; a silent shop where the others sell. Closed buckets do not count; what stopped with all else is
-- old data, of which the night warns. `*` are all locations together, whose gap is told once.
with sold_node as (
    select item_id, location_id
    from core.node_key
    where is_sold
),
place as (
    select
        history.location_id,
        history.bucket_index,
        count(*) filter (where history.sales_qty > 0) as sold_count
    from core.demand_history as history
    cross join meta.night as night
    where night.doubt_days > 0
        and night.source_grain_days < 30
        and history.open_share > 0
        and history.bucket_start > night.as_of - 364 - night.doubt_days
    group by history.location_id, history.bucket_index
),
period as (
    select location_id, bucket_index, sold_count
    from place
    union all
    select '*', bucket_index, sum(sold_count)
    from place
    group by bucket_index
),
numbered as (
    select
        *,
        count(*) filter (where sold_count > 0) over so_far as selling_so_far,
        avg(sold_count) over before as usual_count,
        count(*) over before as usual_buckets,
        max(bucket_index) over (partition by location_id) as newest_index
    from period
    window
        so_far as (partition by location_id order by bucket_index),
        before as (partition by location_id order by bucket_index rows between 28 preceding and 1 preceding)
),
run as (
    select
        location_id,
        min(bucket_index) as first_bucket_index,
        max(bucket_index) as last_bucket_index,
        count(*) as silent_count,
        arg_min(usual_count, bucket_index) as usual_count,
        arg_min(usual_buckets, bucket_index) as usual_buckets,
        max(bucket_index) = any_value(newest_index) as is_newest
    from numbered
    where sold_count = 0
    group by location_id, selling_so_far
),
odd as (
    select
        run.*,
        exp(-run.usual_count * run.silent_count) as silence_probability,
        max(run.silent_count) over (
            partition by run.location_id order by run.first_bucket_index rows between unbounded preceding and 1 preceding
        ) as longest_before
    from run
),
unlikely as (
    select odd.*, first_bucket.bucket_start as first_date, last_bucket.bucket_end as last_date
    from odd
    join core.bucket as first_bucket on first_bucket.bucket_index = odd.first_bucket_index
    join core.bucket as last_bucket on last_bucket.bucket_index = odd.last_bucket_index
    cross join meta.night as night
    where last_bucket.bucket_end > night.as_of - night.doubt_days
        and odd.silent_count > coalesce(odd.longest_before, 0)
        and odd.usual_buckets >= 8
        and odd.silence_probability < night.chance_share
),
-- stock that fell without a sale, of what sells there
fallen as (
    select unlikely.location_id, unlikely.first_bucket_index, count(*) as moved_count
    from unlikely
    join core.demand_history as history
        on unlikely.location_id in ('*', history.location_id)
        and history.bucket_index between unlikely.first_bucket_index and unlikely.last_bucket_index
    join sold_node on sold_node.item_id = history.item_id and sold_node.location_id = history.location_id
    where history.opening_qty + history.receipt_qty - history.closing_qty > 1e-6
    group by unlikely.location_id, unlikely.first_bucket_index
),
other_feed as (
    select max(date) as last_date
    from (
        select max(date) as date from staging.stock
        union all
        select max(date) as date from staging.receipt
    ) as known
),
judged as (
    select
        unlikely.*,
        coalesce(fallen.moved_count, 0) as moved_count,
        exists (
            from place as other
            where other.location_id <> unlikely.location_id
                and other.sold_count > 0
                and other.bucket_index between unlikely.first_bucket_index and unlikely.last_bucket_index
        ) as others_sell,
        coalesce(fallen.moved_count, 0) >= greatest(1, 0.25 * unlikely.usual_count) as has_moved,
        coalesce(other_feed.last_date >= unlikely.first_date, false) as goes_on
    from unlikely
    left join fallen
        on fallen.location_id = unlikely.location_id and fallen.first_bucket_index = unlikely.first_bucket_index
    cross join other_feed
),
told as (
    select
        *,
        case
            when has_moved then 'feed_gap'
            when is_newest and others_sell and location_id <> '*' then 'silent_location'
            when is_newest and goes_on then 'feed_gap'
        end as cause
    from judged
)
select
    location_id,
    first_bucket_index,
    last_bucket_index::integer as last_bucket_index,
    first_date,
    last_date,
    silent_count::integer as silent_count,
    usual_count,
    silence_probability,
    moved_count::integer as moved_count,
    cause
from told
where cause is not null
    and not exists (
        from told as whole
        where whole.location_id = '*'
            and whole.cause is not null
            and told.location_id <> '*'
            and whole.first_bucket_index <= told.last_bucket_index
            and whole.last_bucket_index >= told.first_bucket_index
    )
order by location_id, first_bucket_index
