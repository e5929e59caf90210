-- One row per customer order line still to be served; without an open quantity, what was ordered less what was shipped.
with shipped as (
    select order_id, line_id, exact_sum(qty) as qty
    from staging.receipt
    group by order_id, line_id
),
open_line as (
    select
        open_order.order_id,
        open_order.line_id,
        open_order.item_id,
        open_order.location_id,
        coalesce(open_order.open_qty, open_order.qty - coalesce(shipped.qty, 0)) as open_qty,
        open_order.due_date
    from staging.open_order as open_order
    left join shipped using (order_id, line_id)
    where open_order.kind = 'sales'
)
select *
from open_line
where open_qty > 0
order by order_id, line_id
