-- Grain: one row a sentence: what to do about the newest backtest.
select
    position,
    sentence
from core.backtest_advice
order by position
