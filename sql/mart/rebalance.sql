-- Grain: one row a move between locations of tonight, with the names people know. Each is a proposal too.
select
    r.item_id,
    n.item_name,
    r.source_id,
    coalesce(s.name, r.source_id) as source_name,
    r.location_id,
    n.location_name,
    n.uom,
    r.qty,
    r.source_on_hand_qty,
    r.on_hand_qty,
    r.move_cost,
    r.value,
    r.receipt_date
from plan.rebalance as r
inner join core.node as n on n.item_id = r.item_id and n.location_id = r.location_id
left join core.location as s on s.location_id = r.source_id
order by r.value desc, r.item_id, r.location_id, r.source_id
