-- Grain: one row a scope (all, category, location, source) and group. Measures of the last 13 weeks, each a ratio of
-- sums over the group; empty where there is nothing to divide by. Fill, lost sales and availability use estimated
-- demand; observed_fill_rate knows misses only from customer orders that are overdue. Money counts nodes with money.
-- Dead stock is tonight's: what plan.excess calls so, as on the page of inventory.
with span as (
    select sum(bucket.bucket_days) as day_count
    from core.bucket as bucket
    cross join meta.night as night
    where bucket.bucket_index < 0 and bucket.bucket_start > night.as_of - 91
),
lying as (
    select
        node.category,
        node.location_id,
        stock.stock_day_qty * node.unit_cost as stock_value,
        stock.stock_day_qty * node.holding_cost_per_day as holding_cost
    from mart.lying_stock as stock
    join core.node as node on node.item_id = stock.item_id and node.location_id = stock.location_id
    where node.has_money
),
flow as (
    select
        node.category,
        node.location_id,
        demand.demand_qty,
        case when demand.demand_qty is not null then demand.lost_sales_qty end as lost_qty,
        demand.sales_qty,
        case when node.has_money then demand.lost_sales_value end as lost_value,
        case when node.has_demand and demand.state <> 'missing' then 1 end as open_count,
        case
            when node.has_demand and demand.state <> 'missing' then cast(demand.state = 'full' as integer)
        end as available_count,
        case when node.has_money and node.has_demand then demand.sales_qty * node.unit_cost end as sold_value
    from plan.demand as demand
    join core.node as node on node.item_id = demand.item_id and node.location_id = demand.location_id
    cross join meta.night as night
    where demand.bucket_index < 0 and demand.bucket_start > night.as_of - 91
),
dead as (
    select node.category, node.location_id, excess.value as dead_value
    from plan.excess as excess
    join core.node as node on node.item_id = excess.item_id and node.location_id = excess.location_id
    where excess.code = 'DEAD_STOCK'
),
missed as (
    select node.category, node.location_id, line.open_qty as missed_qty
    from core.open_demand as line
    join core.node as node on node.item_id = line.item_id and node.location_id = line.location_id
    cross join meta.night as night
    where line.due_date <= night.as_of and line.due_date > night.as_of - 91
),
counted as (
    select
        node.category,
        node.location_id,
        case
            when
                abs(count.counted_qty - count.book_qty) <= 1e-9 + greatest(
                    0.5,
                    count.book_qty
                    * case segment.abc_class when 'A' then 0.002 when 'B' then 0.01 else 0.05 end
                )
                then 1
            else 0
        end as accurate_count,
        case when node.has_money then (count.counted_qty - count.book_qty) * node.unit_cost end as adjusted_value,
        case when node.has_money then count.book_qty * node.unit_cost end as book_value
    from core.count_line as count
    join core.node as node on node.item_id = count.item_id and node.location_id = count.location_id
    left join plan.segment as segment
        on segment.item_id = count.item_id and segment.location_id = count.location_id
    cross join meta.night as night
    where count.date > night.as_of - 91
),
due as (
    select
        node.category,
        line.location_id,
        line.source_id,
        case
            when
                line.is_received
                and line.received_qty >= 0.98 * line.ordered_qty
                and line.delay_days <= line.due_date - line.order_date + 1
                then 1
            else 0
        end as kept_count
    from core.receipt_line as line
    join core.node as node on node.item_id = line.item_id and node.location_id = line.location_id
    cross join meta.night as night
    where line.due_date <= night.as_of and line.due_date > night.as_of - 91
),
fact as (
    select * from flow
    union all by name
    select * from lying
    union all by name
    select * from dead
    union all by name
    select * from missed
    union all by name
    select * from counted
    union all by name
    select * from due
),
grouped as (
    select
        case
            when grouping(category) = 0 then 'category'
            when grouping(location_id) = 0 then 'location'
            when grouping(source_id) = 0 then 'source'
            else 'all'
        end as scope,
        coalesce(category, location_id, source_id, 'all') as group_id,
        exact_sum(demand_qty) as demand_qty,
        exact_sum(lost_qty) as lost_qty,
        exact_sum(sales_qty) as sales_qty,
        exact_sum(missed_qty) as missed_qty,
        exact_sum(lost_value) as lost_sales_value,
        sum(open_count) as open_count,
        sum(available_count) as available_count,
        exact_sum(sold_value) as sold_value,
        exact_sum(stock_value) as stock_sum_value,
        exact_sum(1e6 * holding_cost) / 1e6 as holding_cost,
        exact_sum(dead_value) as dead_stock_value,
        count(accurate_count) as count_count,
        sum(accurate_count) as accurate_count,
        exact_sum(adjusted_value) as net_adjustment_value,
        exact_sum(abs(adjusted_value)) as gross_adjustment_value,
        exact_sum(book_value) as book_value,
        count(kept_count) as due_count,
        sum(kept_count) as kept_count
    from fact
    group by grouping sets ((), (category), (location_id), (source_id))
    having not (grouping(source_id) = 0 and source_id is null)
)
select
    grouped.scope,
    grouped.group_id,
    case grouped.scope
        when 'location' then coalesce(place.name, grouped.group_id)
        when 'source' then coalesce(supplier.name, place.name, grouped.group_id)
        else grouped.group_id
    end as group_name,
    1 - grouped.lost_qty / nullif(grouped.demand_qty, 0) as fill_rate,
    grouped.sales_qty / nullif(grouped.sales_qty + coalesce(grouped.missed_qty, 0), 0) as observed_fill_rate,
    grouped.available_count / nullif(grouped.open_count, 0) as availability_share,
    grouped.lost_sales_value,
    grouped.stock_sum_value / nullif(span.day_count, 0) as stock_value,
    365 * grouped.sold_value / nullif(grouped.stock_sum_value, 0) as turns_rate,
    grouped.stock_sum_value / nullif(grouped.sold_value, 0) as stock_days,
    grouped.holding_cost,
    grouped.dead_stock_value,
    cast(grouped.count_count as integer) as count_count,
    grouped.accurate_count / nullif(grouped.count_count, 0) as record_accuracy_rate,
    grouped.net_adjustment_value,
    grouped.gross_adjustment_value,
    -grouped.net_adjustment_value / nullif(grouped.book_value, 0) as shrinkage_rate,
    cast(grouped.due_count as integer) as due_count,
    grouped.kept_count / nullif(grouped.due_count, 0) as on_time_in_full_rate
from grouped
cross join span
left join core.location as place on place.location_id = grouped.group_id and grouped.scope in ('location', 'source')
left join core.supplier as supplier on supplier.supplier_id = grouped.group_id and grouped.scope = 'source'
order by grouped.scope, grouped.group_id
