-- One row per item made, component, plant and span of days: units of the component for one good unit whose production
-- starts in those days, scrap and yield included.
-- A phantom is replaced by its components on the days on which it has a bill of its own; any other phantom, and one that
-- lies in stock, is an ordinary component. A component whose last day is ahead is replaced by its successor from the
-- next day on; one that is over already passes on (core.pass_through): one line to its successor, or to the components
-- of the phantom.
with recursive maker as (
    select distinct item_id, source_id as location_id
    from staging.sourcing
    where kind = 'make' and is_valid_on(order_day(), valid_from, valid_to)
    union
    select item_id, location_id from core.pass_through
),
opened as (
    select distinct parent_item_id as item_id, location_id, first_date, last_date
    from core.plant_bill
    anti join core.pass_through as pass
        on pass.item_id = plant_bill.parent_item_id and pass.location_id = plant_bill.location_id
),
-- days on which a phantom has no bill
gap as (
    select item_id, location_id, order_day() as first_date, min(first_date) - 1 as last_date
    from opened
    group by item_id, location_id
    union all
    select
        item_id,
        location_id,
        last_date + 1,
        lead(first_date) over (partition by item_id, location_id order by first_date) - 1
    from opened
),
line as (
    select
        plant_bill.* exclude (is_phantom),
        plant_bill.is_phantom and opened.item_id is not null as is_phantom
    from core.plant_bill as plant_bill
    left join (select distinct item_id, location_id from opened) as opened
        on opened.item_id = plant_bill.component_item_id and opened.location_id = plant_bill.location_id
),
below as (
    from line
    union all
    select item_id, item_id, location_id, first_date, last_date, 1, false
    from gap
    where first_date <= coalesce(last_date, first_date)
),
explosion as (
    select line.*, [line.parent_item_id, line.component_item_id] as path
    from line
    join maker on maker.item_id = line.parent_item_id and maker.location_id = line.location_id
    where not exists (
        from core.pass_through as pass
        where pass.item_id = line.parent_item_id
            and pass.location_id = line.location_id
            and pass.successor_item_id is not null
    )
    union all
    select
        explosion.parent_item_id,
        below.component_item_id,
        explosion.location_id,
        greatest(explosion.first_date, below.first_date),
        least(explosion.last_date, below.last_date),
        explosion.qty_per * below.qty_per,
        -- a phantom inside itself is not opened again
        below.is_phantom and not list_contains(explosion.path, below.component_item_id),
        list_append(explosion.path, below.component_item_id)
    from explosion
    join below
        on below.parent_item_id = explosion.component_item_id
        and below.location_id = explosion.location_id
        and below.first_date <= coalesce(explosion.last_date, below.first_date)
        and explosion.first_date <= coalesce(below.last_date, explosion.first_date)
    where explosion.is_phantom
),
retiring as (
    select
        item.item_id,
        item.successor_item_id,
        coalesce(item.end_date, successor.launch_date - 1) as last_date
    from core.item as item
    left join core.item as successor on successor.item_id = item.successor_item_id
    where item.successor_item_id <> item.item_id and coalesce(item.end_date, successor.launch_date - 1) > as_of()
),
-- who stands for a retiring item, by days
heir as (
    select item_id, item_id as heir_item_id, order_day() as first_date, last_date
    from retiring
    union all
    select
        heir.item_id,
        retiring.successor_item_id,
        heir.last_date + 1,
        case when next.last_date > heir.last_date then next.last_date end
    from heir
    join retiring on retiring.item_id = heir.heir_item_id
    left join retiring as next on next.item_id = retiring.successor_item_id
    where heir.last_date is not null
),
operation as (
    select item_id, location_id, operation_seq, yield_rate
    from staging.routing
    qualify alternate_group is null or operation_seq = min(operation_seq) over (
        partition by item_id, location_id, alternate_group
    )
),
yield as (
    select item_id, location_id, product(coalesce(yield_rate, 1) order by operation_seq) as yield_rate
    from operation
    group by item_id, location_id
),
piece as (
    select
        explosion.parent_item_id,
        coalesce(heir.heir_item_id, explosion.component_item_id) as component_item_id,
        explosion.location_id,
        greatest(explosion.first_date, heir.first_date) as first_date,
        least(explosion.last_date, heir.last_date) as last_date,
        explosion.qty_per / coalesce(nullif(yield.yield_rate, 0), 1) as qty_per,
        explosion.path
    from explosion
    left join heir
        on heir.item_id = explosion.component_item_id
        and heir.first_date <= coalesce(explosion.last_date, heir.first_date)
        and explosion.first_date <= coalesce(heir.last_date, explosion.first_date)
    left join core.pass_through as pass
        on pass.item_id = explosion.parent_item_id and pass.location_id = explosion.location_id
    left join yield
        on yield.item_id = explosion.parent_item_id
        and yield.location_id = explosion.location_id
        and pass.item_id is null
    where not explosion.is_phantom
    union all
    select item_id, successor_item_id, location_id, order_day(), null, 1, [item_id, successor_item_id]
    from core.pass_through
    where successor_item_id is not null
),
edge_day as (
    select parent_item_id, component_item_id, location_id, first_date as day from piece
    union
    select parent_item_id, component_item_id, location_id, last_date + 1 from piece where last_date is not null
),
span as (
    select
        *,
        lead(day) over (partition by parent_item_id, component_item_id, location_id order by day) - 1 as last_date
    from edge_day
),
summed as (
    select
        span.parent_item_id,
        span.component_item_id,
        span.location_id,
        span.day as first_date,
        span.last_date,
        sum(piece.qty_per order by piece.path) as qty_per
    from span
    join piece
        on piece.parent_item_id = span.parent_item_id
        and piece.component_item_id = span.component_item_id
        and piece.location_id = span.location_id
        and piece.first_date <= span.day
        and coalesce(piece.last_date, span.day) >= span.day
    group by all
),
marked as (
    select
        *,
        lag(last_date) over following is distinct from first_date - 1 or lag(qty_per) over following <> qty_per
            as is_change
    from summed
    window following as (partition by parent_item_id, component_item_id, location_id order by first_date)
),
numbered as (
    select
        *,
        count(*) filter (where is_change) over (
            partition by parent_item_id, component_item_id, location_id
            order by first_date
        ) as run
    from marked
)
select
    parent_item_id,
    component_item_id,
    location_id,
    min(first_date) as first_date,
    case when bool_and(last_date is not null) then max(last_date) end as last_date,
    any_value(qty_per) as qty_per
from numbered
group by parent_item_id, component_item_id, location_id, run
order by parent_item_id, component_item_id, location_id, min(first_date)
