-- Grain: one row a node with a close in the last 13 weeks: what lay there, units times days. What lay there at a close
-- lies until the next: over closed days too.
with span as (
    select sum(bucket.bucket_days) as day_count
    from core.bucket as bucket
    cross join meta.night as night
    where bucket.bucket_index < 0 and bucket.bucket_start > night.as_of - 91
),
calendar as (
    select
        bucket_index,
        bucket_start,
        cast(sum(bucket_days) over (order by bucket_index) - bucket_days as integer) as day_from
    from core.bucket
    where bucket_index < 0
),
reach as (
    select sum(bucket_days) as last_day
    from core.bucket
    where bucket_index < 0
),
close as (
    select
        history.item_id,
        history.location_id,
        greatest(history.closing_qty, 0) as closing_qty,
        calendar.day_from,
        lead(calendar.day_from) over (
            partition by history.item_id, history.location_id order by history.bucket_index
        ) as day_to
    from core.demand_history as history
    join calendar on calendar.bucket_index = history.bucket_index
    cross join meta.night as night
    where history.closing_qty is not null and calendar.bucket_start > night.as_of - 119
),
lain as (
    select
        close.item_id,
        close.location_id,
        close.closing_qty,
        coalesce(close.day_to, reach.last_day) - greatest(close.day_from, reach.last_day - span.day_count) as day_count
    from close
    cross join reach
    cross join span
    where coalesce(close.day_to, reach.last_day) > reach.last_day - span.day_count
)
select item_id, location_id, exact_sum(closing_qty * day_count) as stock_day_qty
from lain
group by item_id, location_id
order by item_id, location_id
