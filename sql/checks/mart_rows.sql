-- Every line, exception and node of the plan is on the pages once, with its quantity and money; actions add up to lines.
with told as (
    select 'line' as what, proposal_id as id, qty, value, hold from mart.proposal
    union all
    select 'exception', exception_id, qty, null, hold from mart.exception
    union all
    select 'node', item_id || '@' || location_id, null, null, null from mart.node
),
planned as (
    select 'line' as what, proposal_id as id, qty, value, hold from plan.proposal
    union all
    select 'exception', exception_id, qty, null, hold from plan.exception
    union all
    select 'node', item_id || '@' || location_id, null, null, null from core.node
),
action as (
    select sum(line_count) as line_count, sum(hold_count) as hold_count, sum(value) as value
    from mart.action
),
line as (
    select
        count(*) as line_count,
        count(*) filter (where hold) as hold_count,
        sum(case when not hold then value end) as value
    from plan.proposal
    where action <> 'ON_SCHEDULE'
)
select coalesce(told.what, planned.what) as what, coalesce(told.id, planned.id) as id, told.qty, planned.qty as planned_qty
from told
full join planned on planned.what = told.what and planned.id = told.id
where told.id is null
    or planned.id is null
    or coalesce(differs(told.qty, planned.qty), false)
    or coalesce(differs(told.value, planned.value), false)
    or told.hold is distinct from planned.hold
union all
select 'action', null, action.line_count, line.line_count
from action
cross join line
where coalesce(action.line_count, 0) <> line.line_count
    or coalesce(action.hold_count, 0) <> line.hold_count
    or differs(coalesce(action.value, 0), coalesce(line.value, 0))
