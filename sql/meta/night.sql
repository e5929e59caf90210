-- One row: what tonight's SQL may assume. The grain of sales and the last closed day are read off the data
-- unless the settings name them. A date far from all others (a typing error in a year) moves nothing: of the
-- stretches of days without a hole of more than 45 days, the newest that holds at least a hundredth of the rows counts.
with dated_sales as (
    select date, count(*) as row_count
    from raw.sales
    group by date
),
gaps as (
    select date, row_count, date - lag(date) over (order by date) as gap_days
    from dated_sales
),
by_weekday as (
    select isodow(date) as weekday, sum(row_count) as row_count
    from dated_sales
    group by weekday
),
usual_weekday as (
    select weekday, row_count / (select sum(row_count) from dated_sales) as share
    from by_weekday
    order by row_count desc, weekday
    limit 1
),
rhythm as (
    select
        coalesce(quantile_disc(gap_days, 0.5), 1) as usual_gap_days,
        coalesce(sum(row_count) filter (where day(date) = 1) / nullif(sum(row_count), 0), 0) as first_of_month_share
    from gaps
),
grain as (
    select
        coalesce(
            setting.source_grain_days,
            case
                when rhythm.usual_gap_days between 28 and 31 and rhythm.first_of_month_share >= 0.95 then 30
                when rhythm.usual_gap_days >= 7 and usual_weekday.share >= 0.95 then 7
                else 1
            end
        ) as source_grain_days,
        usual_weekday.weekday
    from meta.setting as setting
    cross join rhythm
    left join usual_weekday on true
),
known_days as (
    select
        case grain.source_grain_days when 30 then last_day(date) when 7 then date + 6 else date end as known_date,
        row_count
    from dated_sales
    cross join grain
    union all
    select date, count(*)
    from raw.stock
    group by date
),
holes as (
    select known_date, row_count, known_date - lag(known_date) over (order by known_date) > 45 as after_a_hole
    from known_days
),
stretches as (
    select known_date, row_count, count(*) filter (where after_a_hole) over (order by known_date) as stretch
    from holes
),
last_days as (
    select stretch, max(known_date) as last_date, sum(row_count) as row_count
    from stretches
    group by stretch
),
last_known as (
    select max(last_date) as last_date
    from last_days
    where row_count >= 0.01 * (select sum(row_count) from last_days)
)
select
    coalesce(setting.as_of, last_known.last_date) as as_of,
    coalesce(setting.bucket_days, case grain.source_grain_days when 1 then 1 else 7 end)::integer as bucket_days,
    coalesce(setting.week_start, case grain.source_grain_days when 7 then grain.weekday end, 1)::integer as week_start,
    grain.source_grain_days::integer as source_grain_days,
    setting.horizon_weeks,
    setting.history_weeks,
    setting.lead_time_days,
    setting.review_days,
    setting.service_target,
    setting.fill_target,
    setting.holding_rate,
    setting.margin_share,
    setting.order_cost,
    setting.method,
    setting.lot_rule,
    setting.currency,
    setting.planning_fence_days,
    setting.day_start,
    setting.doubt_days,
    setting.chance_share
from meta.setting as setting
cross join grain
cross join last_known
