-- The range of closing stock stands in its order, and until later orders are planned its upper end is no more than all
-- there can be; without tonight's and later orders no more is there, and no more is lost than is wanted or owed.
with coming as (
    select item_id, location_id, sum(open_qty) as qty
    from core.open_supply
    where not is_lost
    group by item_id, location_id
),
line as (
    select
        row.*,
        greatest(0, first_value(opening_qty + record_adjustment_qty) over so_far)
        + coalesce(coming.qty, 0) + coalesce(orders.qty, 0)
        + sum(moved_in_qty) over node as most_qty,
        sum(planned_qty) over so_far as planned_so_far_qty
    from plan.projection as row
    left join coming on coming.item_id = row.item_id and coming.location_id = row.location_id
    left join plan.order as orders on orders.item_id = row.item_id and orders.location_id = row.location_id
    window
        node as (partition by row.item_id, row.location_id),
        so_far as (partition by row.item_id, row.location_id order by row.bucket_index)
)
select item_id, location_id, bucket_index, closing_q10_qty, closing_q50_qty, closing_q90_qty, closing_qty, most_qty
from line
where exceeds(closing_q10_qty, closing_q50_qty)
    or exceeds(closing_q50_qty, closing_q90_qty)
    or (planned_so_far_qty = 0 and exceeds(closing_q90_qty, most_qty))
    or exceeds(closing_without_qty, closing_qty)
    or lost_without_qty < 0
