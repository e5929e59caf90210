-- Grain: one row a category, kind of window and promised level. Whether promised levels hold, most windows first.
with counted as (
    select category, max(window_count) as most_windows
    from plan.calibration
    group by category
),
ranked as (
    select
        category,
        cast(row_number() over (order by category <> 'all', most_windows desc, category) as integer) as category_rank
    from counted
)
select
    c.category,
    c."window",
    c.level_share,
    c.achieved_share,
    c.window_count,
    c.width_rate,
    r.category_rank
from plan.calibration as c
inner join ranked as r on r.category = c.category
order by r.category_rank, c."window" desc, c.level_share
