-- One row per node whose plan rests on a bucket of the past year that dwarfs everything else: more than twenty times the
-- node's next largest, or, where it sold in fewer than four other buckets, a thousand times anything another node sold.
-- Nodes that supply such a node rest on it too. Nothing is taken out of the demand: a person must say what it was.
with top as (
    select
        item_id,
        location_id,
        max(sales_qty, 2) as largest,
        arg_max(bucket_start, sales_qty) as bucket_start,
        count(*) filter (where sales_qty > 0) - 1 as others
    from core.demand_history
    group by item_id, location_id
),
company as (
    select max(largest[1], 2) as largest from top
),
spike as (
    select
        top.item_id,
        top.location_id,
        top.bucket_start,
        top.largest[1] as qty,
        coalesce(top.largest[2], 0) as next_qty
    from top
    cross join company
    cross join meta.night as night
    where top.bucket_start > night.as_of - 364
        and case
            when top.others >= 4 then top.largest[1] > 20 * top.largest[2]
            else top.largest[1] > 1000 * company.largest[2]
        end
),
supply as (
    select arc.item_id, arc.location_id, arc.item_id as needed_item_id, arc.source_id as needed_location_id
    from core.arc as arc
    where arc.arc_rank = 1 and arc.kind = 'move'
    union all
    select arc.item_id, arc.location_id, bom_line.component_item_id, bom_line.location_id
    from core.arc as arc
    join core.bom_line as bom_line
        on bom_line.parent_item_id = arc.item_id and bom_line.location_id = arc.source_id
    where arc.arc_rank = 1 and arc.kind = 'make'
),
reached as (
    with recursive climb as (
        select item_id, location_id, item_id as origin_item_id, location_id as origin_location_id
        from spike
        union
        select supply.needed_item_id, supply.needed_location_id, climb.origin_item_id, climb.origin_location_id
        from climb
        join supply on supply.item_id = climb.item_id and supply.location_id = climb.location_id
    )
    from climb
)
select
    reached.item_id,
    reached.location_id,
    reached.origin_item_id,
    reached.origin_location_id,
    spike.bucket_start,
    spike.qty,
    spike.next_qty
from reached
join spike on spike.item_id = reached.origin_item_id and spike.location_id = reached.origin_location_id
order by reached.item_id, reached.location_id, reached.origin_item_id, reached.origin_location_id
