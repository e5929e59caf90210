-- Lines inside and outside the fence add up to all, and the share that flipped is what appeared and vanished over the nodes
-- both nights planned.
with whole as (
    select line_count
    from plan.nervousness
    where scope = 'all'
),
parts as (
    select sum(line_count) as line_count
    from plan.nervousness
    where scope <> 'all'
)
select told.scope, told.line_count, parts.line_count as parts_count, told.appeared_count, told.vanished_count, told.flipped_share
from plan.nervousness as told
cross join whole
cross join parts
where whole.line_count <> parts.line_count
    or told.node_count < 1
    or differs(told.flipped_share * told.node_count, told.appeared_count + told.vanished_count)
    or coalesce(told.changed_rate < 0 or told.changed_value_rate < 0, false)
