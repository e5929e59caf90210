-- Stock by age never adds up to more than the stock that may be used, and none of it has passed its day.
select lot.item_id, lot.location_id, exact_sum(lot.qty) as aged_qty, any_value(record.on_hand_qty) as on_hand_qty
from plan.aged_lot as lot
left join plan.record as record on record.item_id = lot.item_id and record.location_id = lot.location_id
group by lot.item_id, lot.location_id
having
    exact_sum(lot.qty) > greatest(coalesce(any_value(record.on_hand_qty), 0), 0) * (1 + 1e-9) + 1e-6
    or bool_or(coalesce(lot.expiry_date <= as_of(), false))
