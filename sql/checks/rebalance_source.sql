-- No suggested move takes more than lies at its origin, and no node both gives and takes.
select r.item_id, r.source_id as location_id, sum(r.qty) as qty, any_value(p.on_hand_qty) as on_hand_qty
from plan.rebalance as r
left join plan.record as p on p.item_id = r.item_id and p.location_id = r.source_id
group by r.item_id, r.source_id
having exceeds(sum(r.qty), coalesce(any_value(p.on_hand_qty), 0))
    or exists (
        from plan.rebalance as other
        where other.item_id = r.item_id and other.location_id = r.source_id
    )
