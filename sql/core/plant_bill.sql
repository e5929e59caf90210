-- One row per item, plant, component and span of days of the horizon: the bill as it stands in those days, before
-- phantoms are opened; units of the component for one unit started, scrap included, yield not.
-- Bills are those of items that a plant makes tonight, and of phantoms in them. On a day on which a plant has lines of
-- its own for an item it uses only them. Of two lines of one component the later first day holds. Of lines in one
-- alternate group one is used: of those whose component has a source at the plant, else of those whose component lies
-- there, else of all, the one that costs least for one unit of the parent; unknown costs last, ties by id.
with recursive night as (
    select order_day() as first_date, order_day() + 7 * horizon_weeks - 1 as last_date
    from meta.night
),
stated as (
    select
        bom.parent_item_id,
        bom.component_item_id,
        bom.location_id,
        bom.alternate_group,
        bom.valid_from,
        coalesce(bom.phantom, false) as is_phantom,
        bom.qty_per / coalesce(bom.base_qty, 1) / (1 - coalesce(bom.scrap_rate, 0)) as qty_per,
        greatest(coalesce(bom.valid_from, night.first_date), night.first_date) as first_date,
        case when bom.valid_to < night.last_date then bom.valid_to end as last_date
    from staging.bom as bom
    cross join night
    where is_bill_line_sound(bom.qty_per, bom.base_qty, bom.scrap_rate)
        and bom.component_item_id is not null
        and coalesce(bom.valid_from, night.first_date) <= least(night.last_date, coalesce(bom.valid_to, night.last_date))
        and coalesce(bom.valid_to, night.first_date) >= night.first_date
),
edge_day as (
    select parent_item_id, first_date as day from stated
    union
    select parent_item_id, last_date + 1 from stated where last_date is not null
),
span as (
    select
        parent_item_id,
        day as first_date,
        lead(day) over (partition by parent_item_id order by day) - 1 as last_date
    from edge_day
),
made_at(item_id, location_id) as (
    select distinct item_id, source_id
    from staging.sourcing
    where kind = 'make' and is_valid_on(order_day(), valid_from, valid_to)
    union
    select stated.component_item_id, made_at.location_id
    from made_at
    join stated
        on stated.parent_item_id = made_at.item_id
        and coalesce(stated.location_id, made_at.location_id) = made_at.location_id
    where stated.is_phantom
),
line as (
    select
        stated.* exclude (location_id, first_date, last_date),
        made_at.location_id,
        span.first_date,
        span.last_date,
        stated.location_id is not null as is_own
    from made_at
    join stated
        on stated.parent_item_id = made_at.item_id
        and coalesce(stated.location_id, made_at.location_id) = made_at.location_id
    join span
        on span.parent_item_id = stated.parent_item_id
        and span.first_date >= stated.first_date
        and span.first_date <= coalesce(stated.last_date, span.first_date)
    qualify is_own = bool_or(is_own) over (
        partition by stated.parent_item_id, made_at.location_id, span.first_date
    )
),
revision as (
    select *
    from line
    qualify row_number() over (
        partition by parent_item_id, location_id, first_date, alternate_group, component_item_id
        order by valid_from desc nulls last
    ) = 1
),
source_here as (
    select item_id, location_id, min(nullif(unit_cost, 0)) as unit_cost
    from staging.sourcing
    where is_valid_on(order_day(), valid_from, valid_to) and coalesce(priority, 1) <> 0
    group by item_id, location_id
),
stock_here as (
    select item_id, location_id
    from staging.stock
    where on_hand_qty is not null
    group by item_id, location_id
    having arg_max(on_hand_qty, date) > 0
),
chosen as (
    select revision.*
    from revision
    left join source_here as source
        on source.item_id = revision.component_item_id and source.location_id = revision.location_id
    left join stock_here as stock
        on stock.item_id = revision.component_item_id and stock.location_id = revision.location_id
    left join core.item as item on item.item_id = revision.component_item_id
    qualify revision.alternate_group is null or revision.component_item_id = first_value(revision.component_item_id) over (
        partition by revision.parent_item_id, revision.location_id, revision.first_date, revision.alternate_group
        order by
            case when source.item_id is not null then 1 when stock.item_id is not null then 2 else 3 end,
            revision.qty_per
            * coalesce(source.unit_cost, case when item.cost_source <> 'default' then item.unit_cost end) nulls last,
            revision.component_item_id
    )
)
select
    parent_item_id,
    component_item_id,
    location_id,
    first_date,
    last_date,
    sum(qty_per order by alternate_group nulls first) as qty_per,
    bool_or(is_phantom) as is_phantom
from chosen
group by parent_item_id, component_item_id, location_id, first_date, last_date
order by parent_item_id, component_item_id, location_id, first_date
