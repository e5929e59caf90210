-- One row per node and doubt about its data: books below zero, a shop that fell silent, a hole in a feed, quantities in
-- another unit. A shop's silence or gap touches what it sells; a gap of the whole feed, and another unit, also what
-- supplies the node. Each says what was seen, since when, and what sets it right.
with supply as (
    select arc.item_id, arc.location_id, arc.item_id as needed_item_id, arc.source_id as needed_location_id
    from core.arc as arc
    where arc.arc_rank = 1 and arc.kind = 'move'
    union
    select arc.item_id, arc.location_id, bom_line.component_item_id, bom_line.location_id
    from core.arc as arc
    join core.bom_line as bom_line on bom_line.parent_item_id = arc.item_id and bom_line.location_id = arc.source_id
    where arc.arc_rank = 1 and arc.kind in ('make', 'pass')
),
negative as (
    select
        item_id,
        location_id,
        'negative_stock' as cause,
        item_id as origin_id,
        coalesce(snapshot_date, as_of()) as first_date,
        as_of() as last_date,
        'the books show ' || rtrim(rtrim(printf('%.3f', recorded_on_hand_qty), '0'), '.')
        || '; planned as empty, count it or book what is missing' as detail
    from core.position
    where recorded_on_hand_qty < 0
),
quiet as (
    select
        node_key.item_id,
        node_key.location_id,
        silence.cause,
        silence.location_id as origin_id,
        silence.first_date,
        silence.last_date,
        case silence.cause
            when 'silent_location' then 'nothing at all sold here since ' || strftime(silence.first_date, '%Y-%m-%d') || ', where '
                || round(silence.usual_count)::integer || ' items a ' || case night.bucket_days when 1 then 'day' else 'week' end
                || ' usually do and other places sell: hand in its sales, or enter a closure as an event'
            else case silence.location_id when '*' then 'sales of all locations' else 'sales of this location' end
                || ' are missing from ' || strftime(silence.first_date, '%Y-%m-%d') || ' to '
                || strftime(silence.last_date, '%Y-%m-%d') || ', while other files go on'
                || case when silence.moved_count > 0 then ' and stock went on falling' else '' end
                || ': hand in the missing days, or enter a closure as an event'
        end as detail
    from core.feed_silence as silence
    join core.node_key as node_key
        on node_key.is_sold and (silence.location_id = '*' or node_key.location_id = silence.location_id)
    cross join meta.night as night
),
jumped as (
    select
        item_id,
        location_id,
        'unit_jump' as cause,
        item_id as origin_id,
        first_date,
        as_of() as last_date,
        case feed when 'sales' then 'sales are ' else 'the books show ' end || case
            when factor_rate > 1 then round(factor_rate)::integer || ' times'
            else 'a ' || round(1 / factor_rate)::integer || 'th of'
        end
        || ' what they were since ' || strftime(first_date, '%Y-%m-%d')
        || ', as if in another unit: mend the file or its mapping''s unit factor' as detail
    from core.unit_jump
),
climb as (
    with recursive reached as (
        select item_id, location_id, cause, origin_id, first_date, last_date, detail, false as is_behind
        from (
            from quiet where origin_id = '*'
            union all
            from jumped
        ) as origin
        union
        select supply.needed_item_id, supply.needed_location_id, reached.cause, reached.origin_id, reached.first_date,
            reached.last_date, reached.detail, true
        from reached
        join supply on supply.item_id = reached.item_id and supply.location_id = reached.location_id
    )
    from reached
),
found as (
    from negative
    union all
    from quiet where origin_id <> '*'
    union all
    select
        item_id, location_id, cause, origin_id, first_date, last_date,
        case when is_behind and cause = 'unit_jump' then 'what ' || origin_id || ' needs rests on figures in doubt: ' || detail
            else detail end
    from climb
)
select
    item_id,
    location_id,
    cause,
    origin_id,
    min(first_date) as first_date,
    max(last_date) as last_date,
    min(detail) as detail
from found
where exists (
    from core.node as node
    where node.item_id = found.item_id and node.location_id = found.location_id
)
group by item_id, location_id, cause, origin_id
order by item_id, location_id, cause, origin_id
