-- One row per node and code: what is wrong with the network or its numbers there.
-- The nodes named are excused from the plan.
with arc as (
    select * from core.arc where arc_rank = 1
),
maker as (
    select item_id, location_id, source_id as plant_id
    from arc
    where kind = 'make'
),
needs_supply as (
    select item_id, location_id from core.node where has_demand
    union
    select item_id, source_id from arc where kind = 'move'
    union
    select bom_line.component_item_id, maker.plant_id
    from maker
    join core.bom_line as bom_line on bom_line.parent_item_id = maker.item_id and bom_line.location_id = maker.plant_id
    union
    select item_id, location_id from core.open_demand
),
without_source as (
    select
        needs_supply.item_id,
        needs_supply.location_id,
        'NO_SOURCE' as code,
        case
            when exists (
                from core.arc as manual
                where manual.item_id = needs_supply.item_id and manual.location_id = needs_supply.location_id
            ) then 'every source is marked manual only (priority 0)'
            else 'no sourcing line is valid on ' || order_day()
        end as detail
    from needs_supply
    left join arc on arc.item_id = needs_supply.item_id and arc.location_id = needs_supply.location_id
    where arc.item_id is null
),
cycle as (
    select
        cycle_key,
        list(item_id || ' @ ' || location_id order by item_id, location_id) as member,
        array_to_string(member[1:10], ', ')
        || case when len(member) > 10 then ' and ' || (len(member) - 10) || ' more' else '' end as members
    from core.node_level
    where is_cyclic
    group by cycle_key
),
on_a_cycle as (
    select
        node_level.item_id,
        node_level.location_id,
        case arc.kind when 'make' then 'BOM_CYCLE' else 'DATA_INVALID' end as code,
        case arc.kind when 'make' then 'needs itself: ' else 'moves in a circle: ' end || cycle.members as detail
    from core.node_level as node_level
    join cycle on cycle.cycle_key = node_level.cycle_key
    join arc on arc.item_id = node_level.item_id and arc.location_id = node_level.location_id
),
bill_at_maker as (
    select
        maker.item_id,
        maker.location_id,
        bom.component_item_id,
        is_bill_line_sound(bom.qty_per, bom.base_qty, bom.scrap_rate) as is_sound,
        bom.qty_per,
        bom.base_qty,
        bom.scrap_rate
    from maker
    join staging.bom as bom
        on bom.parent_item_id = maker.item_id and coalesce(bom.location_id, maker.plant_id) = maker.plant_id
    where is_valid_on(order_day(), bom.valid_from, bom.valid_to)
),
without_bill as (
    select
        maker.item_id,
        maker.location_id,
        'NO_BOM' as code,
        'no bill of materials is valid on ' || order_day() as detail
    from maker
    where not exists (
        from bill_at_maker as bill
        where bill.item_id = maker.item_id and bill.location_id = maker.location_id
    )
),
unsound_bill as (
    select
        item_id,
        location_id,
        'DATA_INVALID' as code,
        concat(
            'bill line ', component_item_id, ': quantity ', qty_per, ' for ', coalesce(base_qty, 1), ', scrap ',
            coalesce(scrap_rate, 0)
        ) as detail
    from bill_at_maker
    where not is_sound
),
without_yield as (
    select
        maker.item_id,
        maker.location_id,
        'DATA_INVALID' as code,
        concat('operation ', routing.operation_seq, ' yields nothing') as detail
    from maker
    join staging.routing as routing on routing.item_id = maker.item_id and routing.location_id = maker.plant_id
    where routing.yield_rate = 0
),
cap_below_floor as (
    select
        item_id,
        location_id,
        'DATA_INVALID' as code,
        concat('the largest order of ', source_id, ' is below its least order or its pack') as detail
    from arc
    where max_qty < greatest(min_qty, multiple_qty)
),
issue as (
    from without_source
    union all
    from on_a_cycle
    union all
    from without_bill
    union all
    from unsound_bill
    union all
    from without_yield
    union all
    from cap_below_floor
)
select
    item_id,
    location_id,
    code,
    string_agg(distinct detail, '; ' order by detail) as detail
from issue
group by item_id, location_id, code
order by item_id, location_id, code
