-- Grain: one row a kind of surplus and cause: how much stock nobody will want in reasonable time, and how it came about.
select
    code,
    cause,
    cast(count(*) as integer) as node_count,
    exact_sum(value) as value
from mart.excess_node
group by code, cause
order by code desc, value desc nulls last, cause
