-- Opening stock, correction, receipts, lateral moves, proposed and planned orders, less demand, plus lost, less expired,
-- is closing stock, at every node and bucket.
select
    item_id,
    location_id,
    bucket_index,
    closing_qty,
    opening_qty + record_adjustment_qty + receipt_qty + moved_in_qty - moved_out_qty + proposed_qty + planned_qty
    - demand_qty + lost_qty - expired_qty
        as expected_qty,
    greatest(
        1, abs(opening_qty), abs(record_adjustment_qty), receipt_qty, moved_in_qty, moved_out_qty, proposed_qty,
        planned_qty, demand_qty, lost_qty, expired_qty, abs(closing_qty)
    ) as largest_term
from plan.projection
where not isfinite(closing_qty)
    or not isfinite(expected_qty)
    or abs(closing_qty - expected_qty) > 1e-6 * largest_term
