-- One row per calendar and date, or calendar and weekday; of two the later load wins.
select
    clean_text(calendar_id) as calendar_id,
    date,
    weekday,
    hours
from raw.calendar
left join meta.load on load.load_id = calendar._load_id
qualify row_number() over (
    partition by clean_text(calendar.calendar_id), calendar.date, calendar.weekday
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
