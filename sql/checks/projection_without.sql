-- Without tonight's and later orders stock is what was there, what is coming and what is wanted, bucket by bucket: what
-- is not served is lost where sales are lost, and owed elsewhere. What expires on the way can only take of it.
with line as (
    select
        row.*,
        node.shortage_rule,
        row.closing_without_qty
        - coalesce(
            lag(row.closing_without_qty) over (partition by row.item_id, row.location_id order by row.bucket_index),
            row.opening_qty + row.record_adjustment_qty
        )
        - row.receipt_qty - row.moved_in_qty + row.moved_out_qty + row.demand_qty as not_served_qty,
        greatest(1, abs(row.opening_qty), row.demand_qty, row.receipt_qty, abs(row.closing_without_qty)) as largest_term,
        node.shelf_life_days is not null
        or (row.item_id, row.location_id) in (
            select (lot.item_id, lot.location_id) from plan.aged_lot as lot where lot.expiry_date is not null
        ) as may_expire
    from plan.projection as row
    join core.node as node on node.item_id = row.item_id and node.location_id = row.location_id
)
select item_id, location_id, bucket_index, closing_without_qty, lost_without_qty, not_served_qty
from line
where not_served_qty - case when shortage_rule = 'lost_sales' then lost_without_qty else 0 end > 1e-6 * largest_term
    or (
        not may_expire
        and abs(not_served_qty - case when shortage_rule = 'lost_sales' then lost_without_qty else 0 end)
        > 1e-6 * largest_term
    )
