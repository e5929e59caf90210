-- The totals of the overview are the sums of the plan: nodes in are nodes planned and nodes excused, lines are new, on
-- hold, messages or on schedule, and money is added up here anew.
with line as (
    select
        count(*) as line_count,
        count(*) filter (where action = 'NEW' and not hold) as new_count,
        count(*) filter (where action not in ('NEW', 'ON_SCHEDULE') and not hold) as message_count,
        count(*) filter (where hold) as hold_count,
        count(*) filter (where action = 'ON_SCHEDULE') as on_schedule_count,
        sum(case
            when kind <> 'purchase' or hold then 0
            when action = 'NEW' then value
            when action = 'INCREASE' then (qty - old_qty) * unit_cost
        end) as purchase_value,
        sum(case
            when kind = 'purchase' or hold then 0
            when action = 'NEW' then value
            when action = 'INCREASE' then (qty - old_qty) * unit_cost
        end) as internal_value
    from plan.proposal
),
node as (
    select
        count(*) as node_count,
        count(*) filter (where planned.item_id is not null) as planned_count,
        sum(case when node.has_money then greatest(0, position.recorded_on_hand_qty) * node.unit_cost end) as stock_value
    from core.node as node
    left join plan.order as planned on planned.item_id = node.item_id and planned.location_id = node.location_id
    left join core.position as position on position.item_id = node.item_id and position.location_id = node.location_id
),
trouble as (
    select
        count(*) as exception_count,
        sum(case when coalesce(node.has_money, true) then value_at_stake end) as exception_value
    from plan.exception as raised
    left join core.node as node on node.item_id = raised.item_id and node.location_id = raised.location_id
)
select told.*
from mart.overview as told
cross join line
cross join node
cross join trouble
where told.node_count <> node.node_count
    or told.planned_count <> node.planned_count
    or told.new_count <> line.new_count
    or told.message_count <> line.message_count
    or told.hold_count <> line.hold_count
    or told.on_schedule_count <> line.on_schedule_count
    or line.line_count < told.new_count + told.message_count + told.on_schedule_count
    or told.exception_count <> trouble.exception_count
    or differs(coalesce(told.purchase_value, 0), coalesce(line.purchase_value, 0))
    or differs(coalesce(told.internal_value, 0), coalesce(line.internal_value, 0))
    or differs(coalesce(told.exception_value, 0), coalesce(trouble.exception_value, 0))
