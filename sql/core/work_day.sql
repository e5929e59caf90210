-- One row per work centre and day that can be planned, open or closed: hours one machine runs.
-- A centre without a calendar follows that of its plant; one without either works around the clock.
with day as (
    select (order_day() + unnest(range((select max(bucket_end) - order_day() + 1 from core.bucket)))::integer)::date as date
),
center as (
    select
        work_center.work_center_id,
        coalesce(stated.calendar_id, location.calendar_id) as calendar_id
    from core.work_center as work_center
    left join staging.work_center as stated on stated.work_center_id = work_center.work_center_id
    left join core.location as location on location.location_id = work_center.location_id
)
select
    center.work_center_id,
    day.date,
    least(24, case when known.calendar_id is null then 24 else coalesce(calendar_day.hours, 0) end)::double as hours
from center
cross join day
left join (select distinct calendar_id from core.calendar_day) as known on known.calendar_id = center.calendar_id
left join core.calendar_day as calendar_day
    on calendar_day.calendar_id = center.calendar_id and calendar_day.date = day.date
order by center.work_center_id, day.date
