-- Grain: one row a forecast member, kind of demand and window. How good forecasts of the past would have been, best first.
select
    "window",
    demand_class,
    member,
    origin_count,
    cell_count,
    wape_rate,
    bias_rate,
    rmsse_rate,
    pinball_rate,
    gain_rate,
    gain_error_rate,
    value_added_rate,
    is_used
from plan.score
order by "window", demand_class, rmsse_rate nulls last, member
