-- Grain: one row a category. Where broken promises changed the law of demand, most promises first.
select
    category,
    promise_count,
    promised_share,
    achieved_share,
    width_rate
from plan.promise_law
where width_rate <> 1
order by promise_count desc, category
