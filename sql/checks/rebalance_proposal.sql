-- Every lateral move is proposed as one new transfer of the same quantity and dates, and none is proposed beside them.
with proposed as (
    select item_id, location_id, source_id, kind, qty, order_date, receipt_date
    from plan.proposal
    where action = 'NEW' and reason_code = 'rebalance'
)
select
    coalesce(r.item_id, proposed.item_id) as item_id,
    coalesce(r.location_id, proposed.location_id) as location_id,
    coalesce(r.source_id, proposed.source_id) as source_id,
    r.qty as moved_qty,
    proposed.qty as proposed_qty
from plan.rebalance as r
full join proposed
    on proposed.item_id = r.item_id and proposed.location_id = r.location_id and proposed.source_id = r.source_id
where r.qty is null
    or proposed.qty is null
    or differs(r.qty, proposed.qty)
    or proposed.kind <> 'transfer'
    or r.order_date <> proposed.order_date
    or r.receipt_date <> proposed.receipt_date
