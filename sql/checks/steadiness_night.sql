-- Tonight has its row among the nights, with the number of its lines that bring units and are free or wait only
-- for a key of an ERP, and each night is once.
with tonight as (
    select count(*) as line_count, min(run_id) as run_id
    from plan.proposal
    where action in ('NEW', 'INCREASE')
        and (not hold or hold_cause like 'KILL_SWITCH%' or hold_cause like '%: add it to erp_key')
)
select nights.as_of, nights.run_id, nights.line_count, tonight.line_count as lines
from tonight
left join plan.steadiness as nights on nights.as_of = as_of()
where (nights.as_of is null and exists (from plan.proposal))
    or nights.line_count <> tonight.line_count
    or nights.run_id <> coalesce(tonight.run_id, nights.run_id)
    or nights.is_stopped <> (nights.cause is not null)
union all
select as_of, max(run_id), count(*), null
from plan.steadiness
group by as_of
having count(*) > 1 or as_of > as_of()
