-- Grain: one row a topic and finding. Where the plan stands on defaults, doubtful records or a broken network:
-- how many of how many, and one example. Findings that touch nothing are listed too, with 0: they were looked for.
with contradicted as (
    select
        item_id,
        location_id,
        bool_or(
            in_stock_share is null
            and case
                when sales_qty > 0 then opening_qty + receipt_qty <= 0
                else closing_qty <= 0 and opening_qty + receipt_qty > 0
            end
        ) as is_contradicted
    from core.demand_history
    cross join meta.night as night
    where bucket_start > night.as_of - 364
    group by item_id, location_id
),
finding as (
    select 'defaults' as topic, 1 as position, 'Cost not given' as finding, 'items' as grain,
        count(*) filter (where cost_source <> 'input') as affected_count, count(*) as total_count,
        min(item_id) filter (where cost_source <> 'input') as example
    from core.item
    union all
    select 'defaults', 2, 'Price not given', 'items',
        count(*) filter (where price_source <> 'input'), count(*), min(item_id) filter (where price_source <> 'input')
    from core.item
    union all
    select 'defaults', 3, 'Neither cost nor price known: no money shown', 'items',
        count(*) filter (where not has_money), count(*), min(item_id) filter (where not has_money)
    from core.item
    union all
    select 'defaults', 4, 'Shortage rule not given', 'locations',
        count(*) filter (where shortage_rule_source = 'default'), count(*),
        min(location_id) filter (where shortage_rule_source = 'default')
    from core.location
    union all
    select 'defaults', 5, 'No source of supply named', 'nodes',
        count(*) filter (where is_default), count(*), min(item_id || ' at ' || location_id) filter (where is_default)
    from core.arc
    where arc_rank = 1
    union all
    select 'defaults', 6, 'Lead time neither given nor seen', 'nodes',
        count(*) filter (where is_default), count(*), min(item_id || ' at ' || location_id) filter (where is_default)
    from plan.lead_time
    union all
    select 'defaults', 7, 'Review time not given', 'nodes',
        count(*) filter (where review_source = 'default'), count(*),
        min(item_id || ' at ' || location_id) filter (where review_source = 'default')
    from core.arc
    where arc_rank = 1
    union all
    select 'defaults', 8, 'Service targets not given', 'nodes',
        count(*) filter (where target_source = 'default'), count(*),
        min(item_id || ' at ' || location_id) filter (where target_source = 'default')
    from core.node
    union all
    select 'records', 1, 'Stock recorded, yet nothing sells: the shelf may be empty', 'nodes',
        count(*) filter (where is_ghost), count(*), min(item_id || ' at ' || location_id) filter (where is_ghost)
    from plan.record
    union all
    select 'records', 2, 'Stock below zero in the books', 'nodes',
        count(*) filter (where is_negative), count(*), min(item_id || ' at ' || location_id) filter (where is_negative)
    from plan.record
    union all
    select 'records', 3, 'No stock snapshot', 'nodes',
        count(*) filter (where snapshot_date is null), count(*),
        min(item_id || ' at ' || location_id) filter (where snapshot_date is null)
    from core.position
    union all
    select 'records', 4, 'Open order past its due date', 'order lines',
        count(*) filter (where is_past_due), count(*), min(order_id || ' line ' || line_id) filter (where is_past_due)
    from core.open_supply
    union all
    select 'records', 5, 'Open order so late that it is no longer counted on', 'order lines',
        count(*) filter (where is_lost), count(*), min(order_id || ' line ' || line_id) filter (where is_lost)
    from core.open_supply
    union all
    select 'records', 6, 'Sold although no stock was recorded, or stock gone without a sale, in the last year', 'nodes',
        count(*) filter (where is_contradicted), count(*),
        min(item_id || ' at ' || location_id) filter (where is_contradicted)
    from contradicted
    union all
    select 'demand', 1, 'Order lines taken as projects and left out of everyday demand', 'nodes',
        count(distinct (item_id, location_id)), (select count(*) from core.node),
        min(item_id || ' at ' || location_id || ': ' || qty || ' on ' || date)
    from core.project_line
    union all
    select 'demand', 2, 'Demand beyond reason', 'nodes',
        count(distinct (origin_item_id, origin_location_id)), (select count(*) from core.node),
        min(origin_item_id || ' at ' || origin_location_id || ': ' || qty || ' on ' || bucket_start)
    from core.demand_outlier
    union all
    select 'forecast', 1, 'No forecast could be made', 'nodes',
        count(*) filter (where reason is not null), count(*),
        min(item_id || ' at ' || location_id || ': ' || reason) filter (where reason is not null)
    from plan.parameter
    union all
    select 'network', 1, code, 'nodes',
        count(*), (select count(*) from core.node), min(item_id || ' at ' || location_id || ': ' || detail)
    from core.graph_issue
    group by code
)
select
    topic,
    position,
    finding,
    grain,
    cast(affected_count as integer) as affected_count,
    cast(total_count as integer) as total_count,
    case when total_count > 0 then affected_count / total_count end as affected_share,
    example
from finding
order by topic, position, finding
