-- What production asks of a component is what is planned to start, bucket by bucket, times the bill that holds when the
-- bucket begins; what a node orders or passes on tonight is asked of its source, times the bill where it has one, in the
-- bucket in which the order is placed.
with factor as (
    select
        arc.item_id as dependant_item_id,
        arc.location_id as dependant_location_id,
        arc.kind,
        line.component_item_id as item_id,
        line.location_id,
        line.first_date,
        line.last_date,
        line.qty_per
    from core.arc as arc
    join core.bom_line as line on line.parent_item_id = arc.item_id and line.location_id = arc.source_id
    where arc.arc_rank = 1 and arc.kind in ('make', 'pass')
    union all
    select item_id, location_id, kind, item_id, source_id, order_day(), null, 1
    from core.arc
    where arc_rank = 1 and kind = 'move'
),
planned as (
    select factor.*
    from factor
    join core.node as source on source.item_id = factor.item_id and source.location_id = factor.location_id
    join core.node as dependant
        on dependant.item_id = factor.dependant_item_id and dependant.location_id = factor.dependant_location_id
    where not source.is_cyclic and not dependant.is_cyclic and source.level > dependant.level and factor.qty_per > 0
),
asked as (
    select
        planned.* exclude (kind, qty_per, first_date, last_date),
        make.bucket_index,
        make.qty * planned.qty_per as release_qty
    from planned
    join plan.planned_make as make
        on make.item_id = planned.dependant_item_id and make.location_id = planned.dependant_location_id
    join core.bucket as bucket
        on bucket.bucket_index = make.bucket_index
        and bucket.bucket_start between planned.first_date and coalesce(planned.last_date, bucket.bucket_start)
    where planned.kind = 'make'
),
tonight as (
    select
        planned.* exclude (kind, qty_per, first_date, last_date),
        bucket.bucket_index,
        wish.qty * planned.qty_per as wish_qty
    from planned
    join plan.wish as wish
        on wish.item_id = planned.dependant_item_id and wish.location_id = planned.dependant_location_id
    join core.bucket as bucket
        on bucket.bucket_index = wish.order_bucket_index
        and bucket.bucket_start between planned.first_date and coalesce(planned.last_date, bucket.bucket_start)
),
pair as (
    select distinct item_id, location_id, dependant_item_id, dependant_location_id, kind
    from planned
),
told as (
    select requirement.*, coalesce(pair.kind, 'make') = 'make' as is_made
    from plan.requirement as requirement
    left join pair using (item_id, location_id, dependant_item_id, dependant_location_id)
)
select
    item_id,
    location_id,
    dependant_item_id,
    dependant_location_id,
    bucket_index,
    told.qty as requirement_qty,
    case when coalesce(told.is_made, true) then coalesce(asked.release_qty, 0) else told.qty end as release_qty,
    told.tonight_qty,
    tonight.wish_qty
from told
full join asked using (item_id, location_id, dependant_item_id, dependant_location_id, bucket_index)
full join tonight using (item_id, location_id, dependant_item_id, dependant_location_id, bucket_index)
where (coalesce(told.is_made, true) and differs(coalesce(told.qty, 0), coalesce(asked.release_qty, 0)))
    or differs(coalesce(told.tonight_qty, 0), coalesce(tonight.wish_qty, 0))
