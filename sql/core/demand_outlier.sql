-- One row per node whose plan rests on a bucket that dwarfs everything else: of the last quarter and more than twenty
-- times the node's next largest; or of the last year and, alone or with one or two alike, a thousand times the next;
-- where it sold in fewer than four other buckets, a thousand times anything another node sold. Nodes that supply such a
-- node rest on it too. Nothing is taken out of the demand: a person must say what it was.
with top as (
    select
        item_id,
        location_id,
        max(sales_qty, 4) as largest,
        arg_max(bucket_start, sales_qty) as bucket_start,
        count(*) filter (where sales_qty > 0) as sold_buckets
    from core.demand_history
    group by item_id, location_id
),
company as (
    select max(largest[1], 2) as largest from top
),
held_against as (
    select
        top.*,
        case
            when top.sold_buckets <= 4 then company.largest[2]
            when top.sold_buckets > 6 and top.largest[3] > 1000 * top.largest[4] then top.largest[4]
            when top.sold_buckets > 5 and top.largest[2] > 1000 * top.largest[3] then top.largest[3]
            else top.largest[2]
        end as usual_qty
    from top
    cross join company
),
spike as (
    select
        held_against.item_id,
        held_against.location_id,
        held_against.bucket_start,
        held_against.largest[1] as qty,
        case when sold_buckets <= 4 then coalesce(largest[2], 0) else usual_qty end as next_qty
    from held_against
    cross join meta.night as night
    where (largest[1] > 1000 * usual_qty and bucket_start > night.as_of - 364)
        or (largest[1] > 20 * usual_qty and sold_buckets > 4 and bucket_start > night.as_of - 91)
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
    where arc.arc_rank = 1 and arc.kind in ('make', 'pass')
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
