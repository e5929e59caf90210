-- Tonight's order of a made item is what the levelled plan makes in the bucket in which it is placed, if that is planned
-- at all, and no order grew beyond the components in stock: of those it takes no more than there are, unless it takes no
-- more than it was planned to take.
with order_line as (
    select
        orders.item_id,
        orders.location_id,
        orders.source_id,
        orders.qty,
        coalesce(levelled.qty, 0) as made_qty,
        coalesce(levelled.planned_qty, 0) as planned_qty
    from plan.order as orders
    join plan.wish as wish on wish.item_id = orders.item_id and wish.location_id = orders.location_id
    join core.bucket as bucket on bucket.bucket_index = wish.order_bucket_index
    left join plan.levelled_make as levelled
        on levelled.item_id = orders.item_id
        and levelled.location_id = orders.location_id
        and levelled.bucket_index = wish.order_bucket_index
    where orders.kind = 'make'
),
component as (
    select
        bom_line.component_item_id as item_id,
        bom_line.location_id,
        sum(bom_line.qty_per * order_line.qty) as taken_qty,
        sum(bom_line.qty_per * greatest(0, order_line.qty - order_line.planned_qty)) as grown_qty
    from order_line
    join core.bom_line as bom_line
        on bom_line.parent_item_id = order_line.item_id and bom_line.location_id = order_line.source_id
        and order_day() between bom_line.first_date and coalesce(bom_line.last_date, order_day())
    group by bom_line.component_item_id, bom_line.location_id
)
select item_id, location_id, 'order' as what, qty, made_qty as most_qty
from order_line
where exceeds(qty, made_qty) or exceeds(made_qty, qty)
union all
select component.item_id, component.location_id, 'component', component.grown_qty, coalesce(record.on_hand_qty, 0)
from component
left join plan.record as record
    on record.item_id = component.item_id and record.location_id = component.location_id
where exceeds(component.grown_qty, coalesce(record.on_hand_qty, 0))
order by 1, 2, 3
