-- Grain: one row a rule and dial: what the stock of the whole company would be and serve at that dial, by tonight's
-- forecasts; `targets` is tonight's own levels, `today` what the books say of the last 13 weeks.
select
    rule,
    dial_index,
    dial_rate,
    stock_value,
    fill_rate,
    node_count
from plan.exchange_curve
union all
select
    'today' as rule,
    0 as dial_index,
    1 as dial_rate,
    stock_value,
    fill_rate,
    null as node_count
from mart.kpi
where
    scope = 'all'
    and stock_value is not null
    and fill_rate is not null
order by rule, dial_index
