-- One row per node: what the policy table wants of it, each column by the most specific line that names it.
-- Item at location beats item, item beats category at location, then category (the longest matching path), then
-- location, then the line for all. Of service and fill target the one of the more specific line rules; on the same line,
-- both.
with node as (
    select node_key.item_id, node_key.location_id, item.category
    from core.node_key as node_key
    join core.item as item on item.item_id = node_key.item_id
),
category_prefix as (
    select category, unnest(path_prefixes(category)) as prefix
    from (select distinct category from node) as category
),
item_line as (
    select node.item_id, node.location_id, policy as line, 40000 as specificity
    from staging.policy as policy
    join node on node.item_id = policy.item_id
    where policy.category is null or list_contains(path_prefixes(node.category), policy.category)
),
category_line as (
    select node.item_id, node.location_id, policy as line, 20000 + len(policy.category) as specificity
    from staging.policy as policy
    join category_prefix on category_prefix.prefix = policy.category
    join node on node.category = category_prefix.category
    where policy.item_id is null
),
location_line as (
    select node.item_id, node.location_id, policy as line, 0 as specificity
    from staging.policy as policy
    join node on node.location_id = policy.location_id
    where policy.item_id is null and policy.category is null
),
line_for_all as (
    select node.item_id, node.location_id, policy as line, 0 as specificity
    from staging.policy as policy
    cross join node
    where policy.item_id is null and policy.category is null and policy.location_id is null
),
matched as (
    select
        item_id,
        location_id,
        line,
        specificity + case when line.location_id is null then 0 else 10000 end as specificity
    from (
        from item_line
        union all
        from category_line
        union all
        from location_line
        union all
        from line_for_all
    ) as line_of_any_kind
    where line.location_id is null or line.location_id = location_id
)
select
    node.item_id,
    node.location_id,
    arg_max(line.service_target, specificity) as service_target,
    arg_max(line.fill_target, specificity) as fill_target,
    case
        when max(specificity) filter (where line.fill_target is not null) is null then 'service'
        when max(specificity) filter (where line.service_target is not null) is null then 'fill'
        when max(specificity) filter (where line.fill_target is not null)
            < max(specificity) filter (where line.service_target is not null) then 'service'
        when max(specificity) filter (where line.fill_target is not null)
            > max(specificity) filter (where line.service_target is not null) then 'fill'
        else 'both'
    end as target_kind,
    arg_max(line.min_stock_qty, specificity) as min_stock_qty,
    arg_max(line.max_stock_qty, specificity) as max_stock_qty,
    arg_max(line.review_days, specificity) as review_days,
    arg_max(line.shortage_cost, specificity) as shortage_cost,
    arg_max(line.method, specificity) as method,
    arg_max(line.lot_rule, specificity) as lot_rule,
    arg_max(line.lot_qty, specificity) as lot_qty
from node
left join matched on matched.item_id = node.item_id and matched.location_id = node.location_id
group by node.item_id, node.location_id
order by node.item_id, node.location_id
