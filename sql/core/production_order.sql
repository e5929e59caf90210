-- One row per production order line: when it was due, and the day it was finished. A line on hold is not due yet; one
-- closed without any receipt was called off.
with received as (
    select order_id, line_id, exact_sum(qty) as qty, max(date) as last_date
    from staging.receipt
    group by order_id, line_id
),
line as (
    select
        open_order.*,
        coalesce(received.qty, 0)::double as received_qty,
        received.last_date,
        coalesce(open_order.open_qty, open_order.qty - coalesce(received.qty, 0)) as left_qty
    from staging.open_order as open_order
    left join received using (order_id, line_id)
    where open_order.kind = 'production' and coalesce(open_order.status, 'firm') <> 'hold'
)
select
    order_id,
    line_id,
    item_id,
    location_id,
    coalesce(source_id, location_id) as source_id,
    qty,
    received_qty,
    due_date,
    case when left_qty <= 0 then last_date end as finish_date
from line
where left_qty > 0 or received_qty > 0
order by order_id, line_id
