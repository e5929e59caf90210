-- One row per calendar and day, from the first history bucket to the end of the horizon.
-- A date beats its weekday. A day of which the calendar says nothing is closed where the calendar lists weekdays or
-- only open dates, and open for 24 hours where it lists closed dates (a list of holidays).
with span as (
    select min(bucket_start) as first_day, max(bucket_end) as last_day
    from core.bucket
),
day as (
    select unnest(range(first_day, last_day + 1, interval 1 day))::date as date
    from span
),
by_date as (
    select calendar_id, date, max(hours) as hours
    from staging.calendar
    where date is not null
    group by calendar_id, date
),
by_weekday as (
    select calendar_id, weekday, max(hours) as hours
    from staging.calendar
    where date is null
    group by calendar_id, weekday
),
habit as (
    select
        calendar_id,
        case
            when bool_or(date is null) then 0
            when bool_or(hours = 0) then 24
            else 0
        end as other_hours
    from staging.calendar
    group by calendar_id
)
select
    habit.calendar_id,
    day.date,
    coalesce(by_date.hours, by_weekday.hours, habit.other_hours) as hours,
    coalesce(by_date.hours, by_weekday.hours, habit.other_hours) > 0 as is_open
from habit
cross join day
left join by_date on by_date.calendar_id = habit.calendar_id and by_date.date = day.date
left join by_weekday on by_weekday.calendar_id = habit.calendar_id and by_weekday.weekday = isodow(day.date)
order by habit.calendar_id, day.date
