-- The share of demand that tonight's purchases are said to promise is what their packs serve, valued at cost.
with bought as (
    select
        orders.item_id,
        orders.location_id,
        orders.qty,
        orders.unit_cost,
        wish.window_1_qty * orders.unit_cost as demand_value,
        wish.expected_lost_without_qty * orders.unit_cost as lost_value
    from plan.order as orders
    join plan.wish as wish on wish.item_id = orders.item_id and wish.location_id = orders.location_id
    where orders.kind = 'buy'
),
served as (
    select sum(
        bought.unit_cost * step.served_qty
        * greatest(0, least(1, bought.qty / step.pack_qty - step.pack_index + 1))
    ) as served_value
    from bought
    join plan.curve as step on step.item_id = bought.item_id and step.location_id = bought.location_id
    where step.pack_qty > 0
),
whole as (
    select sum(demand_value) as demand_value, sum(lost_value) as lost_value
    from bought
),
promised as (
    select
        case
            when coalesce(whole.demand_value, 0) > 0 then greatest(
                0,
                least(1, 1 - (whole.lost_value - coalesce(served.served_value, 0)) / whole.demand_value)
            )
            else 1
        end as used
    from whole
    cross join served
)
select shared.kind, shared.used, promised.used as promised_share
from plan.limit as shared
cross join promised
where shared.kind = 'fill' and differs(shared.used, promised.used)
