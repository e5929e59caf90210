-- The open lines of the last acknowledged run with the delta applied are tonight's executable lines, to the last column;
-- only what is there is changed or cancelled, only what is not there is created, and no change changes nothing.
with base as (
    select * exclude (run_id, night_date, is_answered)
    from core.acknowledged_proposal
    where not is_answered
),
applied as (
    select base.*
    from base
    anti join plan.delta as delta on delta.proposal_id = base.proposal_id
    union all by name
    select delta.* exclude (
        operation,
        changed,
        cancel_cause,
        run_id,
        acknowledged_run_id,
        acknowledged_qty,
        acknowledged_order_date,
        acknowledged_need_date,
        acknowledged_receipt_date,
        acknowledged_source_id
    )
    from plan.delta as delta
    where operation <> 'cancel'
),
tonight as (
    select *
    from plan.proposal
    where not hold and action <> 'ON_SCHEDULE'
)
select
    coalesce(applied.proposal_id, tonight.proposal_id) as proposal_id,
    'the lines are not those of tonight' as problem
from applied
full join tonight on tonight.proposal_id = applied.proposal_id
where applied.proposal_id is null
    or tonight.proposal_id is null
    or (
        applied.action,
        applied.kind,
        applied.item_id,
        applied.location_id,
        applied.source_id,
        applied.uom,
        applied.order_date,
        applied.need_date,
        applied.receipt_date,
        applied.existing_order_id,
        applied.existing_line_id,
        applied.old_date,
        applied.currency,
        applied.old_qty is null,
        applied.unit_cost is null,
        applied.value is null
    ) is distinct from (
        tonight.action,
        tonight.kind,
        tonight.item_id,
        tonight.location_id,
        tonight.source_id,
        tonight.uom,
        tonight.order_date,
        tonight.need_date,
        tonight.receipt_date,
        tonight.existing_order_id,
        tonight.existing_line_id,
        tonight.old_date,
        tonight.currency,
        tonight.old_qty is null,
        tonight.unit_cost is null,
        tonight.value is null
    )
    or differs(applied.qty, tonight.qty)
    or differs(applied.old_qty, tonight.old_qty)
    or differs(applied.unit_cost, tonight.unit_cost)
    or differs(applied.value, tonight.value)
union all
select delta.proposal_id, 'the operation does not fit the acknowledged lines' as problem
from plan.delta as delta
left join base on base.proposal_id = delta.proposal_id
where (delta.operation = 'create') <> (base.proposal_id is null)
    or (delta.operation = 'change') <> (coalesce(delta.changed, '') <> '')
    or (delta.operation = 'cancel') <> (delta.cancel_cause is not null)
    or coalesce(differs(delta.acknowledged_qty, base.qty), (delta.acknowledged_qty is null) <> (base.qty is null))
    or (
        delta.acknowledged_order_date,
        delta.acknowledged_need_date,
        delta.acknowledged_receipt_date,
        delta.acknowledged_source_id
    ) is distinct from (base.order_date, base.need_date, base.receipt_date, base.source_id)
union all
select answered.proposal_id, 'a delta cancels a line that was answered' as problem
from core.acknowledged_proposal as answered
join plan.delta as delta on delta.proposal_id = answered.proposal_id
where answered.is_answered and delta.operation <> 'create'
