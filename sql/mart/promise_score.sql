-- Grain: one row a category and tenth of the promised chance of running out. Whether orders kept what they promised,
-- the category with most promises first; tenth 0 is all of a category's promises.
with counted as (
    select category, max(promise_count) as most_promises
    from plan.promise_score
    group by category
),
ranked as (
    select
        category,
        cast(row_number() over (order by category <> 'all', most_promises desc, category) as integer) as category_rank
    from counted
)
select
    s.category,
    s.decile,
    s.promise_count,
    s.promised_share,
    s.achieved_share,
    s.promised_fill_rate,
    s.achieved_fill_rate,
    s.is_alarm,
    r.category_rank
from plan.promise_score as s
inner join ranked as r on r.category = s.category
order by r.category_rank, s.decile
