-- Grain: one row a week and kind of exception, newest week first. Announced stock-outs against those that came.
select
    week_start,
    code,
    judged_count,
    true_count,
    precision_share,
    stockout_count,
    foreseen_count,
    recall_share,
    lead_days
from plan.exception_score
order by week_start desc, code
