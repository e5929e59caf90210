-- One row per supply order line that was received, or is still awaited: the evidence on lead times.
-- A line closed without any receipt was called off and tells nothing. The delay of a line that came in parts is
-- weighted by their quantities; a line still open is censored at its age.
with received as (
    select
        order_id,
        line_id,
        exact_sum(qty) as qty,
        exact_sum(qty * (date - date '2000-01-01')) / nullif(exact_sum(qty), 0) as mean_day
    from staging.receipt
    group by order_id, line_id
),
line as (
    select
        open_order.order_id,
        open_order.line_id,
        case open_order.kind when 'purchase' then 'buy' when 'transfer' then 'move' else 'make' end as kind,
        open_order.item_id,
        open_order.location_id,
        open_order.source_id,
        open_order.order_date,
        open_order.due_date,
        open_order.qty as ordered_qty,
        coalesce(received.qty, 0)::double as received_qty,
        received.mean_day,
        coalesce(open_order.open_qty, open_order.qty - coalesce(received.qty, 0)) as open_qty
    from staging.open_order as open_order
    left join received using (order_id, line_id)
    where open_order.kind <> 'sales' and open_order.order_date is not null and open_order.qty > 0
)
select
    line.order_id,
    line.line_id,
    line.kind,
    line.item_id,
    line.location_id,
    coalesce(line.source_id, arc.source_id, 'unknown') as source_id,
    line.order_date,
    line.due_date,
    line.ordered_qty,
    line.received_qty,
    greatest(
        case
            when line.open_qty > 0 then as_of() - line.order_date
            else line.mean_day - (line.order_date - date '2000-01-01')
        end,
        0
    )::double as delay_days,
    line.open_qty <= 0 as is_received
from line
left join core.arc as arc
    on arc.item_id = line.item_id and arc.location_id = line.location_id and arc.kind = line.kind and arc.arc_rank = 1
where line.open_qty > 0 or line.received_qty > 0
order by line.order_id, line.line_id
