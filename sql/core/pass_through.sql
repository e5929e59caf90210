-- One row per item and plant that is never ordered there: its stock is used up, and what production needs beyond it
-- passes on. A component that has a successor passes to it once its last day is over, or at once where it has none and
-- nothing but production asks for it; the same for its successor. A phantom that lies in stock, which it should not,
-- passes to its components.
with recursive retired as (
    select
        item.item_id,
        item.successor_item_id,
        coalesce(item.end_date, case when successor.launch_date > as_of() then successor.launch_date - 1 end)
            as last_day
    from core.item as item
    left join core.item as successor on successor.item_id = item.successor_item_id
    where item.successor_item_id <> item.item_id
),
wanted_else as (
    select item_id, location_id from staging.sales
    union
    select item.successor_item_id, sales.location_id
    from staging.sales as sales
    join core.item as item on item.item_id = sales.item_id
    union
    select item_id, location_id from staging.open_order where kind = 'sales'
    union
    select item_id, source_id
    from staging.sourcing
    where kind = 'move' and is_valid_on(order_day(), valid_from, valid_to)
),
passing as (
    select
        plant.location_id,
        retired.item_id,
        retired.successor_item_id
    from retired
    cross join (select distinct location_id from core.plant_bill) as plant
    left join wanted_else
        on wanted_else.item_id = retired.item_id and wanted_else.location_id = plant.location_id
    where retired.last_day <= as_of() or (retired.last_day is null and wanted_else.item_id is null)
),
component(item_id, location_id) as (
    select distinct component_item_id, location_id from core.plant_bill
    union
    select passing.successor_item_id, passing.location_id
    from component
    join passing using (item_id, location_id)
),
phantom as (
    select distinct line.component_item_id as item_id, line.location_id
    from core.plant_bill as line
    join core.plant_bill as below
        on below.parent_item_id = line.component_item_id and below.location_id = line.location_id
    join staging.stock as stock on stock.item_id = line.component_item_id and stock.location_id = line.location_id
    where line.is_phantom and stock.on_hand_qty is not null
    group by line.component_item_id, line.location_id
    having arg_max(stock.on_hand_qty, stock.date) > 0
)
select
    item_id,
    location_id,
    'successor' as reason,
    successor_item_id
from component
join passing using (item_id, location_id)
union all
select
    item_id,
    location_id,
    'phantom_stock',
    null
from phantom
anti join wanted_else using (item_id, location_id)
anti join passing using (item_id, location_id)
order by item_id, location_id
