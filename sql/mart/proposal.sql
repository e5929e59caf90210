-- Grain: one row a proposal. The lines of tonight with the names people know, most valuable first.
select
    p.priority,
    p.proposal_id,
    p.run_id,
    p.action,
    p.kind,
    p.item_id,
    coalesce(n.item_name, p.item_id) as item_name,
    p.location_id,
    coalesce(n.location_name, p.location_id) as location_name,
    coalesce(n.category, 'all') as category,
    p.source_id,
    coalesce(u.name, s.name, p.source_id) as source_name,
    p.qty,
    p.uom,
    p.order_date,
    p.need_date,
    p.receipt_date,
    p.existing_order_id,
    p.existing_line_id,
    p.old_qty,
    p.old_date,
    case when p.action = 'NEW' then w.simple_qty end as simple_qty,
    p.unit_cost,
    p.value,
    p.currency,
    p.stockout_probability_without,
    p.expected_lost_sales_value_without,
    p.reason_code,
    p.explanation,
    p.hold,
    p.hold_cause,
    p.expires_at,
    p.expected_waste_qty,
    p.expected_waste_value
from plan.proposal as p
left join core.node as n on n.item_id = p.item_id and n.location_id = p.location_id
left join plan.wish as w on w.item_id = p.item_id and w.location_id = p.location_id
left join core.supplier as u on u.supplier_id = p.source_id and p.kind = 'purchase'
left join core.location as s on s.location_id = p.source_id and p.kind <> 'purchase'
order by p.priority, p.proposal_id
