-- Grain: one row a tenth of the promised fill in the newest backtest, 0 for all: what the nightly rule promised and kept.
select
    decile,
    window_count,
    promised_rate,
    achieved_rate
from core.backtest_kept
order by decile
