-- Every new line comes from a source that is valid tonight and in use; a lateral move over any other valid lane.
select proposal.proposal_id, proposal.kind, proposal.item_id, proposal.location_id, proposal.source_id
from plan.proposal as proposal
left join core.arc as arc
    on arc.item_id = proposal.item_id
    and arc.location_id = proposal.location_id
    and arc.source_id = proposal.source_id
    and arc.kind = case proposal.kind when 'purchase' then 'buy' when 'transfer' then 'move' else 'make' end
where proposal.action = 'NEW'
    and case proposal.reason_code
        when 'rebalance' then proposal.kind <> 'transfer' or coalesce(arc.arc_rank, 1) = 1
        else coalesce(arc.arc_rank, 0) <> 1
    end
