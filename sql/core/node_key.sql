-- One row per node: every item at a location that was sold, stocked, ordered or has a source, and what these need:
-- the item where it is moved from, the components where it is made.
-- A node is listed from the item's launch, else from its first sale, stock or receipt here, to the item's last day; an
-- item without one whose successor is still to be launched ends on the day before.
-- Where nothing ever sold, a sale of zero units says since when it might have.
with sold as (
    select
        item_id,
        location_id,
        coalesce(min(date) filter (where qty > 0), min(date) filter (where qty = 0)) as first_date,
        bool_or(qty > 0) as is_sold
    from staging.sales
    group by item_id, location_id
),
stocked as (
    select item_id, location_id, min(date) as first_date
    from staging.stock
    group by item_id, location_id
),
received as (
    select open_order.item_id, open_order.location_id, min(receipt.date) as first_date
    from staging.receipt as receipt
    join staging.open_order as open_order using (order_id, line_id)
    where open_order.kind <> 'sales'
    group by open_order.item_id, open_order.location_id
),
seen as (
    select item_id, location_id from sold
    union
    select item_id, location_id from stocked
    union
    select item_id, location_id from staging.sourcing
    union
    select item_id, source_id
    from staging.sourcing
    where kind = 'move' and is_valid_on(order_day(), valid_from, valid_to)
    union
    select item_id, location_id from staging.open_order
    union
    select component_item_id, location_id from core.bom_line
)
select
    seen.item_id,
    seen.location_id,
    (row_number() over (order by seen.item_id, seen.location_id) - 1)::integer as node_index,
    coalesce(
        item.launch_date,
        least(sold.first_date, stocked.first_date, received.first_date)
    ) as listed_from,
    coalesce(item.end_date, case when successor.launch_date > as_of() then successor.launch_date - 1 end) as listed_to,
    coalesce(sold.is_sold, false) as is_sold
from seen
left join core.item as item on item.item_id = seen.item_id
left join core.item as successor on successor.item_id = item.successor_item_id
left join sold on sold.item_id = seen.item_id and sold.location_id = seen.location_id
left join stocked on stocked.item_id = seen.item_id and stocked.location_id = seen.location_id
left join received on received.item_id = seen.item_id and received.location_id = seen.location_id
order by seen.item_id, seen.location_id
