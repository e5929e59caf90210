-- Grain: one row a week, the last 52 and the weeks planned ahead. The company in money: sold, lost, expected, in stock.
-- Money adds up the nodes whose cost or price is known; stock is what lay there at each node's last close in the week.
with past as (
    select
        b.week_index,
        exact_sum(d.sales_qty * n.unit_price) as sales_value,
        exact_sum(d.lost_sales_qty * n.unit_price) as lost_value
    from plan.demand as d
    inner join core.bucket as b on b.bucket_index = d.bucket_index
    inner join core.node as n on n.item_id = d.item_id and n.location_id = d.location_id
    where n.has_money and b.week_index between -52 and -1
    group by b.week_index
),
future as (
    select b.week_index, exact_sum(f.forecast_qty * n.unit_price) as forecast_value
    from plan.forecast as f
    inner join core.bucket as b on b.bucket_index = f.bucket_index
    inner join core.node as n on n.item_id = f.item_id and n.location_id = f.location_id
    where n.has_money and b.week_index >= 0
    group by b.week_index
),
close as (
    select week_index, max(bucket_index) as bucket_index
    from core.bucket
    where week_index >= -52
    group by week_index
),
last_close as (
    select b.week_index, h.item_id, h.location_id, arg_max(h.closing_qty, h.bucket_index) as closing_qty
    from core.demand_history as h
    inner join core.bucket as b on b.bucket_index = h.bucket_index
    where b.week_index >= -52
    group by b.week_index, h.item_id, h.location_id
),
stock as (
    select h.week_index, exact_sum(greatest(h.closing_qty, 0) * n.unit_cost) as stock_value
    from last_close as h
    inner join core.node as n on n.item_id = h.item_id and n.location_id = h.location_id
    where n.has_money
    group by h.week_index
),
projected as (
    select c.week_index, exact_sum(greatest(p.closing_qty, 0) * n.unit_cost) as projected_value
    from close as c
    inner join plan.projection as p on p.bucket_index = c.bucket_index
    inner join core.node as n on n.item_id = p.item_id and n.location_id = p.location_id
    where n.has_money
    group by c.week_index
)
select
    c.week_index,
    min(b.bucket_start) as week_start,
    cast(sum(b.bucket_days) as integer) as day_count,
    any_value(past.sales_value) as sales_value,
    any_value(past.lost_value) as lost_value,
    any_value(future.forecast_value) as forecast_value,
    any_value(stock.stock_value) as stock_value,
    any_value(projected.projected_value) as projected_value
from close as c
inner join core.bucket as b on b.week_index = c.week_index
left join past on past.week_index = c.week_index
left join future on future.week_index = c.week_index
left join stock on stock.week_index = c.week_index
left join projected on projected.week_index = c.week_index
group by c.week_index
order by c.week_index
