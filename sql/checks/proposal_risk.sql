-- What a node loses without its new lines, and what expires because of them, is what its order says, shared out over its
-- lines without anything left; money is told only where it is known, and is units times what one of them costs.
with line as (
    select
        item_id,
        location_id,
        sum(qty) as qty,
        sum(expected_waste_qty) as waste_qty,
        sum(expected_waste_value) as waste_value,
        sum(expected_lost_sales_value_without) as lost_value,
        min(stockout_probability_without) as least_risk,
        max(stockout_probability_without) as most_risk,
        count(*) as line_count
    from plan.proposal
    where action = 'NEW' and reason_code <> 'rebalance'
    group by item_id, location_id
),
told as (
    select
        line.*,
        node.has_money,
        wish.stockout_probability_without,
        wish.expected_lost_without_qty * greatest(0, node.shortage_cost) as node_lost_value,
        orders.expected_waste_qty,
        orders.expected_waste_qty * greatest(0, node.unit_cost - node.salvage_value + node.disposal_cost) as node_waste_value,
        line.qty / nullif(orders.qty, 0) as share
    from line
    join plan.order as orders on orders.item_id = line.item_id and orders.location_id = line.location_id
    join plan.wish as wish on wish.item_id = line.item_id and wish.location_id = line.location_id
    join core.node as node on node.item_id = line.item_id and node.location_id = line.location_id
)
select item_id, location_id, lost_value, node_lost_value, waste_qty, waste_value, least_risk, stockout_probability_without
from told
where differs(least_risk, stockout_probability_without)
    or differs(most_risk, stockout_probability_without)
    or coalesce(differs(waste_qty, expected_waste_qty * share), false)
    or coalesce(differs(waste_value, node_waste_value * share), false)
    or (not has_money and (lost_value is not null or waste_value is not null))
    or (has_money and (lost_value is null or differs(lost_value, node_lost_value * share)))
