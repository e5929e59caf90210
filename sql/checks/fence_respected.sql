-- Nothing new is made to arrive inside the planning fence, where nothing is said of open production orders but to
-- hurry; what is not approved yet is ordered on no earlier day than its approval, and on hold until then.
select
    proposal.proposal_id,
    proposal.action,
    proposal.item_id,
    proposal.location_id,
    proposal.order_date,
    proposal.receipt_date,
    proposal.old_date,
    item.approval_date,
    proposal.hold
from plan.proposal as proposal
join core.item as item on item.item_id = proposal.item_id
cross join meta.night as night
where (
        proposal.kind = 'production'
        and proposal.action = 'NEW'
        and proposal.receipt_date < order_day() + least(night.planning_fence_days, night.horizon_weeks * 7)::integer
    )
    or (
        proposal.kind = 'production'
        and proposal.action not in ('NEW', 'EXPEDITE', 'ON_SCHEDULE')
        and proposal.old_date < order_day() + night.planning_fence_days::integer
    )
    or (
        proposal.action = 'NEW'
        and item.approval_date > order_day()
        and (not proposal.hold or (proposal.order_date < item.approval_date and proposal.reason_code <> 'rebalance'))
    )
