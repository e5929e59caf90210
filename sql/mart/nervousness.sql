-- Grain: one row a group of lines. How much orders for the same needs changed since the night before.
select
    scope,
    line_count,
    node_count,
    changed_rate,
    changed_value_rate,
    appeared_count,
    vanished_count,
    flipped_share
from plan.nervousness
order by scope
