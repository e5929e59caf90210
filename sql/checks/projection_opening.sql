-- The projection of every node opens with the stock its books show, and with nothing else.
select
    projection.item_id,
    projection.location_id,
    projection.opening_qty,
    position.recorded_on_hand_qty
from plan.projection as projection
left join core.position as position
    on position.item_id = projection.item_id and position.location_id = projection.location_id
where projection.bucket_index = 0
    and (position.recorded_on_hand_qty is null or differs(projection.opening_qty, position.recorded_on_hand_qty))
