-- One row per node and code: what is wrong with the network or its numbers there.
-- The nodes named are excused from the plan, but those whose bill is in doubt (`is_planned`): they are planned with the
-- lines that are sound, and their orders held. A bill that ends or pauses within the horizon, and stock of a phantom, which is
-- used up before its components are, hold nothing.
with recursive arc as (
    select * from core.arc where arc_rank = 1
),
maker as (
    select item_id, location_id, source_id as plant_id
    from arc
    where kind = 'make'
),
taker as (
    from maker
    union all
    select item_id, location_id, source_id
    from arc
    where kind = 'pass'
),
needs_supply as (
    select item_id, location_id from core.node where has_demand
    union
    select item_id, source_id from arc where kind = 'move'
    union
    select bom_line.component_item_id, taker.plant_id
    from taker
    join core.bom_line as bom_line on bom_line.parent_item_id = taker.item_id and bom_line.location_id = taker.plant_id
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
        if(arc.kind in ('make', 'pass'), 'BOM_CYCLE', 'DATA_INVALID') as code,
        if(arc.kind in ('make', 'pass'), 'needs itself: ', 'moves in a circle: ') || cycle.members as detail
    from core.node_level as node_level
    join cycle on cycle.cycle_key = node_level.cycle_key
    join arc on arc.item_id = node_level.item_id and arc.location_id = node_level.location_id
),
opened(item_id, location_id, plant_id, parent_item_id) as (
    select item_id, location_id, plant_id, item_id
    from maker
    union
    select opened.item_id, opened.location_id, opened.plant_id, bom.component_item_id
    from opened
    join staging.bom as bom
        on bom.parent_item_id = opened.parent_item_id
        and coalesce(bom.location_id, opened.plant_id) = opened.plant_id
    where bom.phantom and is_valid_on(order_day(), bom.valid_from, bom.valid_to)
),
bill_at_maker as (
    select
        opened.item_id,
        opened.location_id,
        opened.parent_item_id,
        bom.component_item_id,
        is_bill_line_sound(bom.qty_per, bom.base_qty, bom.scrap_rate) and bom.component_item_id is not null as is_sound,
        bom.qty_per,
        bom.base_qty,
        bom.scrap_rate
    from opened
    join staging.bom as bom
        on bom.parent_item_id = opened.parent_item_id
        and coalesce(bom.location_id, opened.plant_id) = opened.plant_id
    where is_valid_on(order_day(), bom.valid_from, bom.valid_to)
),
bill_days as (
    select
        maker.item_id,
        maker.location_id,
        min(bill.first_date) as first_date,
        case when bool_and(bill.last_date is not null) then max(bill.last_date) end as last_date
    from maker
    left join core.plant_bill as bill on bill.parent_item_id = maker.item_id and bill.location_id = maker.plant_id
    group by maker.item_id, maker.location_id
),
without_bill as (
    select
        bill_days.item_id,
        bill_days.location_id,
        'NO_BOM' as code,
        concat('no bill of materials is valid on ', order_day(), '; the first is from ' || bill_days.first_date)
            as detail
    from bill_days
    where not exists (
        from bill_at_maker as bill
        where bill.item_id = bill_days.item_id and bill.location_id = bill_days.location_id
    )
),
bill_ends as (
    select item_id, location_id, 'NO_BOM' as code, concat('no bill of materials is valid after ', last_date) as detail
    from bill_days
    where last_date is not null and first_date <= order_day()
),
bill_span as (
    select
        maker.item_id,
        maker.location_id,
        bill.last_date + 1 as first_date,
        lead(bill.first_date) over (partition by maker.item_id, maker.location_id order by bill.first_date) - 1
            as last_date
    from maker
    join (select distinct parent_item_id, location_id, first_date, last_date from core.plant_bill) as bill
        on bill.parent_item_id = maker.item_id and bill.location_id = maker.plant_id
),
bill_gap as (
    select
        item_id,
        location_id,
        'NO_BOM' as code,
        concat('no bill of materials is valid from ', first_date, ' to ', last_date) as detail
    from bill_span
    where first_date <= last_date
),
unsound_bill as (
    select
        item_id,
        location_id,
        'DATA_INVALID' as code,
        concat(
            'bill line ', if(parent_item_id = item_id, '', parent_item_id || ' > '), coalesce(component_item_id, '(no component)'), ': quantity ',
            qty_per, ' for ', coalesce(base_qty, 1), ', scrap ', coalesce(scrap_rate, 0)
        ) as detail
    from bill_at_maker
    where not is_sound
),
phantom_stock as (
    select
        pass.item_id,
        pass.location_id,
        'DATA_INVALID' as code,
        'a phantom that lies in stock: used up before its components are' as detail
    from core.pass_through as pass
    join arc on arc.item_id = pass.item_id and arc.location_id = pass.location_id
    where pass.reason = 'phantom_stock'
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
    select *, false as is_planned from without_source
    union all
    select *, false from on_a_cycle
    union all
    select *, false from without_bill
    union all
    select *, true from bill_ends
    union all
    select *, true from bill_gap
    union all
    select *, true from unsound_bill
    union all
    select *, true from phantom_stock
    union all
    select *, true from without_yield
    union all
    select *, false from cap_below_floor
)
select
    item_id,
    location_id,
    code,
    string_agg(distinct detail, '; ' order by detail) as detail,
    bool_and(is_planned) as is_planned
from issue
group by item_id, location_id, code
order by item_id, location_id, code
