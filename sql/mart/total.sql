-- Grain: one row a level: a category, its parents or all, at a location or at all. Sold and wanted lately, expected next.
-- Units of different items are added up as they are; money is the comparable measure.
with recent as (
    select
        n.category,
        d.location_id,
        exact_sum(case when b.week_index >= -13 then d.sales_qty end) as sales_13_qty,
        exact_sum(case when b.week_index >= -13 then d.demand_qty end) as demand_13_qty,
        exact_sum(d.sales_qty) as sales_52_qty,
        exact_sum(d.demand_qty) as demand_52_qty
    from plan.demand as d
    inner join core.bucket as b on b.bucket_index = d.bucket_index
    inner join core.node as n on n.item_id = d.item_id and n.location_id = d.location_id
    where b.week_index between -52 and -1
    group by n.category, d.location_id
),
recent_category as (
    select r.*, unnest(list_distinct(list_append(path_prefixes(category), 'all'))) as level_category
    from recent as r
),
recent_level as (
    select r.*, unnest(list_distinct([location_id, 'all'])) as level_location
    from recent_category as r
),
past as (
    select
        level_category,
        level_location,
        exact_sum(sales_13_qty) as sales_13_qty,
        exact_sum(demand_13_qty) as demand_13_qty,
        exact_sum(sales_52_qty) as sales_52_qty,
        exact_sum(demand_52_qty) as demand_52_qty
    from recent_level
    group by level_category, level_location
),
ahead as (
    select
        category,
        location_id,
        any_value(node_count) as node_count,
        exact_sum(case when week_index < 4 then forecast_qty else 0 end) as forecast_4_qty,
        exact_sum(case when week_index < 13 then forecast_qty else 0 end) as forecast_13_qty,
        exact_sum(case when week_index < 13 then event_qty else 0 end) as event_13_qty,
        exact_sum(case when week_index < 13 then forecast_value else 0 end) as forecast_13_value
    from plan.total
    group by category, location_id
)
select
    a.category,
    a.location_id,
    coalesce(l.name, 'all') as location_name,
    a.node_count,
    coalesce(p.sales_13_qty, 0) as sales_13_qty,
    coalesce(p.demand_13_qty, 0) as demand_13_qty,
    coalesce(p.sales_52_qty, 0) as sales_52_qty,
    coalesce(p.demand_52_qty, 0) as demand_52_qty,
    a.forecast_4_qty,
    a.forecast_13_qty,
    a.event_13_qty,
    a.forecast_13_value
from ahead as a
left join past as p on p.level_category = a.category and p.level_location = a.location_id
left join core.location as l on l.location_id = a.location_id
order by a.category, a.location_id
