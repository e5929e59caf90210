-- Grain: one row a rule of the newest backtest, cheapest first: what it would have cost with the dial chosen for it.
select
    rule,
    dial,
    cost,
    fill_rate,
    fill_low_rate,
    fill_high_rate,
    stock_value,
    lost_qty,
    line_count,
    waste_cost,
    saved_rate,
    saved_low_rate,
    saved_high_rate,
    won_count,
    window_count,
    verdict
from core.backtest_contest
order by cost, rule
