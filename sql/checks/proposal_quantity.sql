-- New, increased and decreased lines are whole packs, no less than the least and no more than the largest order of
-- their source.
select
    proposal.proposal_id,
    proposal.item_id,
    proposal.location_id,
    proposal.source_id,
    proposal.qty,
    arc.multiple_qty,
    arc.min_qty,
    arc.max_qty
from plan.proposal as proposal
join core.arc as arc
    on arc.item_id = proposal.item_id
    and arc.location_id = proposal.location_id
    and arc.source_id = proposal.source_id
    and arc.kind = case proposal.kind when 'purchase' then 'buy' when 'transfer' then 'move' else 'make' end
where proposal.action in ('NEW', 'INCREASE', 'DECREASE')
    and (
        (arc.multiple_qty > 0 and differs(proposal.qty, round(proposal.qty / arc.multiple_qty) * arc.multiple_qty))
        or exceeds(arc.min_qty, proposal.qty)
        or coalesce(exceeds(proposal.qty, arc.max_qty), false)
    )
