-- One row per node: its level (longest path from nodes without dependants) and whether it hangs on itself.
-- A node depends on the origin of its move, or on the components at the plant that makes it, those of any day ahead.
-- Only members of a cycle are cyclic; paths are measured on the network without them, so that all nodes outside a cycle
-- have a level.
with recursive arc as (
    select item_id, location_id, kind, source_id
    from core.arc
    where arc_rank = 1
),
need as (
    select item_id, location_id, item_id as needed_item_id, source_id as needed_location_id
    from arc
    where kind = 'move'
    union all
    select arc.item_id, arc.location_id, bom_line.component_item_id, arc.source_id
    from arc
    join core.bom_line as bom_line on bom_line.parent_item_id = arc.item_id and bom_line.location_id = arc.source_id
    where arc.kind in ('make', 'pass')
),
edge as (
    select dependant.node_index as dependant, source.node_index as source
    from need
    join core.node_key as dependant on dependant.item_id = need.item_id and dependant.location_id = need.location_id
    join core.node_key as source
        on source.item_id = need.needed_item_id and source.location_id = need.needed_location_id
),
-- nodes at the end of a path of so many steps: on a cycle, upstream of one, or (rarely) on a very long chain
long_walk(node_index, step) as (
    select distinct source, 1 from edge
    union
    select edge.source, long_walk.step + 1
    from long_walk
    join edge on edge.dependant = long_walk.node_index
    where long_walk.step < 24
),
suspect as (
    select node_index from long_walk where step = 24
),
suspect_edge as (
    select dependant, source
    from edge
    where dependant in (from suspect) and source in (from suspect)
),
reached(dependant, source) as (
    select dependant, source from suspect_edge
    union
    select reached.dependant, suspect_edge.source
    from reached
    join suspect_edge on suspect_edge.dependant = reached.source
),
cycle as (
    select there.dependant as node_index, min(there.source) as first_node_index
    from reached as there
    join reached as back on back.dependant = there.source and back.source = there.dependant
    group by there.dependant
),
sound_edge as (
    select dependant, source
    from edge
    where dependant not in (select node_index from cycle) and source not in (select node_index from cycle)
),
walk(node_index, level) as (
    select distinct source, 1 from sound_edge
    union
    select sound_edge.source, walk.level + 1
    from walk
    join sound_edge on sound_edge.dependant = walk.node_index
),
longest as (
    select node_index, max(level) as level
    from walk
    group by node_index
)
select
    node_key.item_id,
    node_key.location_id,
    coalesce(longest.level, 0)::integer as level,
    cycle.node_index is not null as is_cyclic,
    first_node.item_id || ' @ ' || first_node.location_id as cycle_key
from core.node_key as node_key
left join longest on longest.node_index = node_key.node_index
left join cycle on cycle.node_index = node_key.node_index
left join core.node_key as first_node on first_node.node_index = cycle.first_node_index
order by node_key.item_id, node_key.location_id
