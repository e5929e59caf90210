-- Grain: one row an item, a location and a cause. Why orders differ from last night's, with the names people know.
select
    change.item_id,
    coalesce(node.item_name, change.item_id) as item_name,
    change.location_id,
    coalesce(node.location_name, change.location_id) as location_name,
    change.source_id,
    coalesce(supplier.name, origin.name, change.source_id) as source_name,
    change.kind,
    change.proposal_id,
    proposal.proposal_id is not null as is_proposed,
    change.movement,
    change.cause,
    change.previous_qty,
    change.qty,
    change.change_qty,
    change.part_qty,
    change.change_value,
    change.part_value,
    change.is_rerun,
    change.explanation,
    coalesce(node.uom, '') as uom
from plan.change as change
left join core.node as node on node.item_id = change.item_id and node.location_id = change.location_id
left join core.supplier as supplier on supplier.supplier_id = change.source_id and change.kind = 'purchase'
left join core.location as origin on origin.location_id = change.source_id and change.kind <> 'purchase'
left join plan.proposal as proposal on proposal.proposal_id = change.proposal_id
