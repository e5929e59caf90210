-- No published number is infinite or not a number.
with published as (
    select
        'plan.forecast' as table_name,
        item_id,
        location_id,
        [forecast_qty, baseline_qty, event_qty, index_rate, uplift_rate, variance_qty2] as numbers
    from plan.forecast
    union all
    select
        'plan.target',
        item_id,
        location_id,
        [
            protection_qty, safety_stock_qty, reorder_point_qty, order_up_to_qty, fill_order_up_to_qty,
            economic_order_qty, shelf_floor_qty, min_qty, max_qty, coalesce(floor_cost_value, 0)
        ]
    from plan.target
    union all
    select 'plan.order', item_id, location_id, [qty, wish_qty, pack_count, unit_cost, value, shadow_price, expected_waste_qty]
    from plan.order
    union all
    select
        'plan.projection',
        item_id,
        location_id,
        [
            opening_qty, receipt_qty, proposed_qty, planned_qty, demand_qty, lost_qty, expired_qty, closing_qty,
            closing_q10_qty, closing_q50_qty, closing_q90_qty, closing_without_qty, lost_without_qty, undelivered_qty
        ]
    from plan.projection
    union all
    select
        'plan.proposal',
        item_id,
        location_id,
        [
            qty, old_qty, unit_cost, value, stockout_probability_without, expected_lost_sales_value_without,
            safety_stock_qty, reorder_point_qty, order_up_to_qty
        ]
    from plan.proposal
    union all
    select 'plan.exception', item_id, location_id, [qty, value_at_stake]
    from plan.exception
    union all
    select 'plan.promise', item_id, location_id, [stockout_probability, expected_demand_qty, expected_sales_qty]
    from plan.promise
)
select table_name, item_id, location_id, numbers
from published
where not isfinite(list_sum(numbers))
