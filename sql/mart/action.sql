-- Grain: one row an action, kind of order and source. What to do tonight, as a buyer works through it: source by source.
select
    action,
    kind,
    source_id,
    source_name,
    cast(count(*) as integer) as line_count,
    cast(count(*) filter (where hold) as integer) as hold_count,
    cast(count(distinct location_id) as integer) as location_count,
    exact_sum(case when not hold then value end) as value,
    exact_sum(case when not hold then expected_lost_sales_value_without end) as protected_value,
    min(order_date) as order_date,
    min(receipt_date) as receipt_date
from mart.proposal
where action <> 'ON_SCHEDULE'
group by action, kind, source_id, source_name
order by value desc nulls last, line_count desc, action, kind, source_id
