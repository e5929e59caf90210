-- Grain: one row an order line and message. Messages on open orders that appeared, vanished or say something else since
-- last night; what was decided since is no longer a message.
with messages as (
    select
        coalesce(now.proposal_id, before.proposal_id) as proposal_id,
        coalesce(now.item_id, before.item_id) as item_id,
        coalesce(now.location_id, before.location_id) as location_id,
        coalesce(now.existing_order_id, before.existing_order_id) as existing_order_id,
        coalesce(now.existing_line_id, before.existing_line_id) as existing_line_id,
        before.action as previous_action,
        now.action,
        before.qty as previous_qty,
        now.qty,
        before.receipt_date as previous_receipt_date,
        now.receipt_date
    from (from plan.proposal where action not in ('NEW', 'ON_SCHEDULE')) as now
    full join (
        from core.previous_proposal
        where action not in ('NEW', 'ON_SCHEDULE') and not is_decided
    ) as before
        on before.existing_order_id = now.existing_order_id
        and before.existing_line_id is not distinct from now.existing_line_id
)
select
    messages.*,
    coalesce(node.item_name, messages.item_id) as item_name,
    coalesce(node.location_name, messages.location_id) as location_name,
    case
        when previous_action is null then 'appeared'
        when action is null then 'vanished'
        else 'changed'
    end as movement
from messages
left join core.node as node on node.item_id = messages.item_id and node.location_id = messages.location_id
where previous_action is distinct from action
    or previous_receipt_date is distinct from receipt_date
    or previous_qty is null
    or qty is null
    or differs(previous_qty, qty)
