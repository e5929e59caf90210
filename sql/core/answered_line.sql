-- One row per line that nights of the last half year proposed, with what became of it.
-- Accepted is what stands as proposed, whatever the answer calls it; a line unanswered on its last day is expired.
-- A rejected line leaves its order as it was; lines on hold that nobody answered were not to be answered.
with answered as (
    select
        line.*,
        decision.status,
        case
            when decision.status in ('accepted', 'edited') then coalesce(decision.qty, line.qty)
            when decision.status is not null or line.expires_at <= as_of() then coalesce(line.old_qty, 0)
        end as ordered_qty,
        case
            when decision.status in ('accepted', 'edited') then coalesce(decision.date, line.receipt_date)
            when decision.status is not null or line.expires_at <= as_of() then coalesce(line.old_date, line.receipt_date)
        end as ordered_date,
        decision.erp_order_id,
        decision."user",
        decision.reason,
        decision."at"
    from core.previous_line as line
    left join staging.acknowledge as decision on decision.proposal_id = line.proposal_id
)
select
    answered.* exclude (status, ordered_qty, ordered_date, erp_order_id, "user", reason, "at"),
    case
        when status in ('accepted', 'edited') and not differs(ordered_qty, qty) and ordered_date = receipt_date
            then 'accepted'
        when status in ('accepted', 'edited') then 'edited'
        when status = 'rejected' then 'rejected'
        when ordered_qty is not null then 'expired'
        else 'open'
    end as outcome,
    ordered_qty,
    ordered_date,
    erp_order_id,
    "user",
    reason,
    "at"
from answered
where status is not null or not hold
order by proposal_id
