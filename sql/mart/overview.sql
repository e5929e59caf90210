-- Grain: one row. The company tonight: how much is planned, what it costs, what it saves, what is doubtful.
-- Money adds up the nodes whose cost or price is known; it is empty where there is none. What was lost has its range of
-- nine cases in ten: chance evens out from bucket to bucket, so that the range of a sum is no sum of ranges.
with node as (
    select
        cast(count(*) as integer) as node_count,
        cast(count(*) filter (where is_planned) as integer) as planned_count,
        cast(count(*) filter (where issue_code is not null) as integer) as excused_count,
        cast(count(*) filter (where has_money) as integer) as money_node_count,
        cast(count(*) filter (where has_demand and on_hand_qty <= 0) as integer) as empty_count,
        cast(count(*) filter (where has_demand) as integer) as demand_node_count,
        cast(count(*) filter (where is_ghost) as integer) as ghost_count,
        exact_sum(stock_value) as stock_value,
        exact_sum(on_order_value) as on_order_value,
        exact_sum(expected_lost_sales_value_without) as expected_lost_sales_value_without,
        exact_sum(expected_lost_sales_value_with) as expected_lost_sales_value_with,
        exact_sum(lost_28_value) as lost_28_value,
        greatest(0, exact_sum(lost_28_value) - 1.645 * sqrt(exact_sum(lost_28_sd_value ** 2))) as lost_28_low_value,
        exact_sum(lost_28_value) + 1.645 * sqrt(exact_sum(lost_28_sd_value ** 2)) as lost_28_high_value,
        exact_sum(lost_364_value) as lost_364_value,
        greatest(0, exact_sum(lost_364_value) - 1.645 * sqrt(exact_sum(lost_364_sd_value ** 2))) as lost_364_low_value,
        exact_sum(lost_364_value) + 1.645 * sqrt(exact_sum(lost_364_sd_value ** 2)) as lost_364_high_value,
        exact_sum(sales_28_value) as sales_28_value,
        exact_sum(lost_28_qty) as lost_28_qty,
        1 - exact_sum(lost_28_qty) / nullif(exact_sum(demand_28_qty), 0) as fill_28_rate
    from mart.node
),
proposal as (
    select
        cast(count(*) filter (where action = 'NEW' and not hold) as integer) as new_count,
        cast(count(*) filter (where action not in ('NEW', 'ON_SCHEDULE') and not hold) as integer) as message_count,
        cast(count(*) filter (where hold) as integer) as hold_count,
        cast(count(*) filter (where action = 'ON_SCHEDULE') as integer) as on_schedule_count,
        exact_sum(case when kind = 'purchase' and not hold then added_value end) as purchase_value,
        exact_sum(case when kind <> 'purchase' and not hold then added_value end) as internal_value,
        max(run_id) as run_id
    from (
        select
            *,
            case action when 'NEW' then value when 'INCREASE' then (qty - old_qty) * unit_cost end as added_value
        from mart.proposal
    ) as line
),
exception as (
    select cast(count(*) as integer) as exception_count, exact_sum(value_at_stake) as exception_value
    from mart.exception
)
select
    n.as_of,
    n.as_of + 1 as order_date,
    n.currency,
    n.bucket_days,
    n.horizon_weeks,
    node.*,
    proposal.*,
    exception.*
from meta.night as n
cross join node
cross join proposal
cross join exception
