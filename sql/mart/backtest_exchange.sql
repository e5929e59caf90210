-- Grain: one row a rule and dial of the newest backtest, and `today`, as the books tell it: stock against fill, measured.
select
    rule,
    dial,
    stock_value,
    fill_rate,
    fill_low_rate,
    fill_high_rate,
    cost
from core.backtest_exchange
order by rule, stock_value, dial
