-- One row per planning bucket: closed ones are negative, 0 is the first not yet closed.
-- Daily: a day is a bucket, and weeks are blocks of seven days counted from as-of. Weekly: whole weeks; where as-of
-- lies inside a week, bucket 0 is the rest of that week and its closed days belong to no bucket.
with night as (
    select
        bucket_days,
        week_start,
        horizon_weeks,
        order_day() as first_open_day,
        case bucket_days when 7 then week_start_of(order_day(), week_start) else order_day() end as anchor,
        as_of - 7 * history_weeks + 1 as first_day_wanted
    from meta.night
),
first_day_known as (
    select min(date) as first_day
    from (
        select min(date) as date from staging.sales
        union all
        select min(date) as date from staging.stock
    ) as known
),
reach as (
    select
        night.*,
        -- without any sale or stock there is no history at all
        case
            when first_day_known.first_day is null then 0
            else least(
                0,
                ceil((greatest(first_day_known.first_day, first_day_wanted) - anchor - bucket_days + 1) / bucket_days)
            )
        end::integer as first_index,
        (horizon_weeks * 7 / bucket_days)::integer as future_count
    from night
    cross join first_day_known
),
whole_bucket as (
    select
        reach.*,
        unnest(range(first_index, future_count))::integer as bucket_index
    from reach
),
dated as (
    select
        bucket_index,
        case bucket_index when 0 then first_open_day else anchor + bucket_index * bucket_days end as bucket_start,
        anchor + (bucket_index + 1) * bucket_days - 1 as bucket_end,
        floor(bucket_index * bucket_days / 7)::integer as week_index,
        anchor
    from whole_bucket
)
select
    bucket_index,
    bucket_start,
    bucket_end,
    (bucket_end - bucket_start + 1)::integer as bucket_days,
    weekofyear(anchor + 7 * week_index + 3)::integer as season_week,
    week_index,
    (bucket_end - bucket_start + 1) / 7 as week_share
from dated
order by bucket_index
