-- Every order above nothing is proposed, as new lines and increases of open orders that add up to its quantity, of its
-- source, unless its node is excused or only passes its need on.
select orders.item_id, orders.location_id, orders.source_id, orders.qty, proposed.qty as proposed_qty
from plan.order as orders
left join (
    select item_id, location_id, source_id, sum(case action when 'INCREASE' then qty - old_qty else qty end) as qty
    from plan.proposal
    where action in ('NEW', 'INCREASE')
    group by item_id, location_id, source_id
) as proposed
    on proposed.item_id = orders.item_id
    and proposed.location_id = orders.location_id
    and proposed.source_id = orders.source_id
where orders.qty > 0 and orders.kind <> 'pass'
    and (proposed.qty is null or differs(orders.qty, proposed.qty))
    and not exists (
        from core.graph_issue as issue
        where issue.item_id = orders.item_id and issue.location_id = orders.location_id and not issue.is_planned
    )
