-- Grain: one row a line that a person edited or rejected, the newest decision first. What was proposed, what was decided
-- and why, and what that was worth on the demand that came; empty while its window is open or where it cannot be judged.
select
    line.proposal_id,
    line.run_id,
    line.night_date,
    line.action,
    line.item_id,
    coalesce(n.item_name, line.item_id) as item_name,
    line.location_id,
    coalesce(n.location_name, line.location_id) as location_name,
    line.category,
    line.source_id,
    line.outcome,
    line."user",
    line.reason,
    line."at",
    line.qty as proposed_qty,
    line.ordered_qty,
    line.receipt_date as proposed_date,
    line.ordered_date,
    line.value,
    v.window_start,
    v.window_end,
    v.basis,
    v.demand_qty,
    v.proposed_lost_qty,
    v.ordered_lost_qty,
    v.proposed_holding_cost + v.proposed_shortage_cost + v.proposed_waste_cost as proposed_cost,
    v.ordered_holding_cost + v.ordered_shortage_cost + v.ordered_waste_cost as ordered_cost,
    v.override_value
from core.answered_line as line
left join plan.override_value as v on v.proposal_id = line.proposal_id
left join core.node as n on n.item_id = line.item_id and n.location_id = line.location_id
where line.outcome in ('edited', 'rejected')
order by line."at" desc nulls last, line.proposal_id
