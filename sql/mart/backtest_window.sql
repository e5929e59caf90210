-- Grain: one row a window of the newest backtest on which rules were judged, and rule with the dial chosen for it.
select
    outcome.window_index,
    outcome.window_start,
    outcome.window_end,
    outcome.rule,
    outcome.dial,
    outcome.fill_rate,
    outcome.stock_value,
    outcome.holding_cost,
    outcome.shortage_cost,
    outcome.order_cost,
    outcome.waste_cost,
    outcome.cost,
    outcome.line_count
from core.backtest_outcome as outcome
join core.backtest_contest as contest on contest.rule = outcome.rule and contest.dial = outcome.dial
where outcome.phase = 'test'
order by outcome.window_index, outcome.rule
