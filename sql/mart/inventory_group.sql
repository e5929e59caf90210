-- Grain: one row a scope (all, abc, xyz, cell, category, location) and group: stock, turns, days of stock, carrying cost
-- and surplus, each a ratio of sums over its nodes. `-` holds nodes without demand of their own.
with grouped as (
    select
        case
            when grouping(abc_class) = 0 and grouping(xyz_class) = 0 then 'cell'
            when grouping(abc_class) = 0 then 'abc'
            when grouping(xyz_class) = 0 then 'xyz'
            when grouping(category) = 0 then 'category'
            when grouping(location_id) = 0 then 'location'
            else 'all'
        end as scope,
        abc_class,
        xyz_class,
        category,
        location_id,
        min(location_name) as location_name,
        cast(count(*) as integer) as node_count,
        max(day_count) as day_count,
        exact_sum(demand_year_value) as demand_year_value,
        exact_sum(on_hand_value) as on_hand_value,
        exact_sum(sold_value) as sold_value,
        exact_sum(stock_value) as stock_value,
        exact_sum(carrying_year_cost) as carrying_year_cost,
        exact_sum(demand_qty) as demand_qty,
        exact_sum(lost_qty) as lost_qty,
        cast(count(*) filter (where surplus_code = 'EXCESS') as integer) as excess_count,
        exact_sum(case when surplus_code = 'EXCESS' then surplus_value end) as excess_value,
        cast(count(*) filter (where surplus_code = 'DEAD_STOCK') as integer) as dead_count,
        exact_sum(case when surplus_code = 'DEAD_STOCK' then surplus_value end) as dead_value
    from mart.inventory_node
    group by
        grouping sets ((), (abc_class), (xyz_class), (abc_class, xyz_class), (category), (location_id))
),
whole as (
    select exact_sum(demand_year_value) as demand_year_value
    from mart.inventory_node
)
select
    grouped.scope,
    case grouped.scope
        when 'all' then 'all'
        when 'cell' then grouped.abc_class || grouped.xyz_class
        else coalesce(grouped.abc_class, grouped.xyz_class, grouped.category, grouped.location_id)
    end as group_id,
    case when grouped.scope = 'location' then grouped.location_name end as group_name,
    grouped.abc_class,
    grouped.xyz_class,
    grouped.node_count,
    grouped.demand_year_value,
    grouped.demand_year_value / nullif(whole.demand_year_value, 0) as demand_share,
    grouped.on_hand_value,
    grouped.stock_value,
    365 * grouped.sold_value / nullif(grouped.day_count * grouped.stock_value, 0) as turns_rate,
    grouped.stock_value / nullif(grouped.sold_value / nullif(grouped.day_count, 0), 0) as stock_days,
    grouped.carrying_year_cost,
    1 - grouped.lost_qty / nullif(grouped.demand_qty, 0) as fill_rate,
    grouped.excess_count,
    grouped.excess_value,
    grouped.dead_count,
    grouped.dead_value
from grouped
cross join whole
order by grouped.scope, group_id
