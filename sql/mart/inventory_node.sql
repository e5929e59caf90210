-- Grain: one row a node with stock or demand: what lies there, how fast it turns, what it costs a year, and what of it is
-- too much. Stock and sales are those of the last 13 weeks; money is empty where cost and price are unknown.
with span as (
    select sum(bucket.bucket_days) as day_count
    from core.bucket as bucket
    cross join meta.night as night
    where bucket.bucket_index < 0 and bucket.bucket_start > night.as_of - 91
),
flow as (
    select
        demand.item_id,
        demand.location_id,
        exact_sum(demand.sales_qty) as sold_qty,
        exact_sum(demand.demand_qty) as demand_qty,
        exact_sum(case when demand.demand_qty is not null then demand.lost_sales_qty end) as lost_qty
    from plan.demand as demand
    cross join meta.night as night
    where demand.bucket_index < 0 and demand.bucket_start > night.as_of - 91
    group by demand.item_id, demand.location_id
),
ahead as (
    select
        projection.item_id,
        projection.location_id,
        exact_sum(projection.demand_qty) / sum(bucket.bucket_days) as day_qty
    from plan.projection as projection
    join core.bucket as bucket on bucket.bucket_index = projection.bucket_index
    where bucket.week_index between 0 and 3
    group by projection.item_id, projection.location_id
),
measured as (
    select
        node.item_id,
        node.location_id,
        node.item_name,
        node.location_name,
        node.category,
        node.uom,
        node.has_money,
        node.has_demand,
        coalesce(segment.abc_class, '-') as abc_class,
        case when segment.item_id is null then '-' else coalesce(segment.xyz_class, 'Z') end as xyz_class,
        case when node.has_money then segment.value_year end as demand_year_value,
        coalesce(position.recorded_on_hand_qty, 0) as on_hand_qty,
        case when node.has_money then greatest(coalesce(position.recorded_on_hand_qty, 0), 0) * node.unit_cost end
            as on_hand_value,
        ahead.day_qty as forecast_day_qty,
        flow.demand_qty,
        flow.lost_qty,
        case when node.has_money and node.has_demand then flow.sold_qty * node.unit_cost end as sold_value,
        case when node.has_money then lying.stock_day_qty * node.unit_cost / nullif(span.day_count, 0) end
            as stock_value,
        case
            when node.has_money then lying.stock_day_qty * node.holding_cost_per_day * 365 / nullif(span.day_count, 0)
        end as carrying_year_cost,
        span.day_count,
        excess.code as surplus_code,
        excess.cause as surplus_cause,
        excess.qty as surplus_qty,
        excess.value as surplus_value
    from core.node as node
    cross join span
    left join core.position as position on position.item_id = node.item_id and position.location_id = node.location_id
    left join plan.segment as segment on segment.item_id = node.item_id and segment.location_id = node.location_id
    left join flow on flow.item_id = node.item_id and flow.location_id = node.location_id
    left join mart.lying_stock as lying on lying.item_id = node.item_id and lying.location_id = node.location_id
    left join ahead on ahead.item_id = node.item_id and ahead.location_id = node.location_id
    left join mart.excess_node as excess on excess.item_id = node.item_id and excess.location_id = node.location_id
)
select
    item_id,
    location_id,
    item_name,
    location_name,
    category,
    uom,
    abc_class,
    xyz_class,
    demand_year_value,
    on_hand_qty,
    on_hand_value,
    case when forecast_day_qty > 0 then on_hand_qty / forecast_day_qty end as cover_days,
    demand_qty,
    lost_qty,
    sold_value,
    stock_value,
    day_count,
    365 * sold_value / nullif(day_count * stock_value, 0) as turns_rate,
    stock_value / nullif(sold_value / nullif(day_count, 0), 0) as stock_days,
    carrying_year_cost,
    surplus_code,
    surplus_cause,
    surplus_qty,
    surplus_value
from measured
where on_hand_qty <> 0 or has_demand or stock_value > 0 or surplus_code is not null
order by item_id, location_id
