-- A night that differs too much holds every line that asks for something and names no order to place, and only such a
-- night does; its value is that of the new lines nothing else holds but a missing key of an ERP, and of what is added
-- to open orders.
with tonight as (
    select s.is_stopped, s.proposal_value
    from plan.steadiness as s
    inner join meta.night as n on n.as_of = s.as_of
),
line as (
    select
        count(*) filter (where action <> 'ON_SCHEDULE' and not hold) as free_count,
        count(*) filter (where hold_cause like 'KILL_SWITCH%') as stopped_count,
        coalesce(
            sum(case action when 'INCREASE' then (qty - old_qty) * unit_cost else value end)
                filter (
                    where action in ('NEW', 'INCREASE')
                        and (not hold or hold_cause like 'KILL_SWITCH%' or hold_cause like '%: add it to erp_key')
                ),
            0
        ) as value
    from plan.proposal
),
placed as (
    select count(*) as order_count
    from plan.supplier_order
)
select tonight.is_stopped, line.free_count, line.stopped_count, placed.order_count, tonight.proposal_value, line.value
from tonight
cross join line
cross join placed
where (tonight.is_stopped and (line.free_count > 0 or placed.order_count > 0))
    or (not tonight.is_stopped and line.stopped_count > 0)
    or differs(tonight.proposal_value, line.value)
