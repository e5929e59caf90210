-- One row per item made, component and plant: units of the component for one good unit, scrap and yield included.
-- Bills are those valid tonight, at the plants where a sourcing line makes the item. A plant with lines of its own for
-- an item uses only them; of lines in one alternate group the first component (by id) is used; a phantom with a bill
-- of its own is replaced by its components, any other phantom is an ordinary component.
with recursive made_at as (
    select distinct item_id, source_id as location_id
    from staging.sourcing
    where kind = 'make' and is_valid_on(order_day(), valid_from, valid_to)
),
bill as (
    select
        parent_item_id,
        component_item_id,
        location_id,
        alternate_group,
        coalesce(phantom, false) as is_phantom,
        qty_per / coalesce(base_qty, 1) / (1 - coalesce(scrap_rate, 0)) as qty_per
    from staging.bom
    where is_valid_on(order_day(), valid_from, valid_to) and is_bill_line_sound(qty_per, base_qty, scrap_rate)
),
exploded_at as (
    select item_id, location_id from made_at
    union
    select bill.component_item_id, made_at.location_id
    from bill
    cross join (select distinct location_id from made_at) as made_at
    where bill.is_phantom
),
bill_at_plant as (
    select bill.* exclude (location_id), exploded_at.location_id
    from exploded_at
    join bill on bill.parent_item_id = exploded_at.item_id and bill.location_id = exploded_at.location_id
    union all
    select bill.* exclude (location_id), exploded_at.location_id
    from exploded_at
    join bill on bill.parent_item_id = exploded_at.item_id and bill.location_id is null
    where not exists (
        from bill as own
        where own.parent_item_id = exploded_at.item_id and own.location_id = exploded_at.location_id
    )
),
first_alternate as (
    select *
    from bill_at_plant
    qualify alternate_group is null or component_item_id = min(component_item_id) over (
        partition by parent_item_id, location_id, alternate_group
    )
),
line as (
    select
        first_alternate.* exclude (is_phantom),
        is_phantom and exists (
            from first_alternate as below
            where below.parent_item_id = first_alternate.component_item_id
                and below.location_id = first_alternate.location_id
        ) as is_phantom
    from first_alternate
),
explosion as (
    select
        line.parent_item_id,
        line.location_id,
        line.component_item_id,
        line.qty_per,
        line.is_phantom,
        [line.parent_item_id, line.component_item_id] as path
    from line
    join made_at on made_at.item_id = line.parent_item_id and made_at.location_id = line.location_id
    union all
    select
        explosion.parent_item_id,
        explosion.location_id,
        line.component_item_id,
        explosion.qty_per * line.qty_per,
        -- a phantom inside itself is not opened again
        line.is_phantom and not list_contains(explosion.path, line.component_item_id),
        list_append(explosion.path, line.component_item_id)
    from explosion
    join line on line.parent_item_id = explosion.component_item_id and line.location_id = explosion.location_id
    where explosion.is_phantom
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
)
select
    explosion.parent_item_id,
    explosion.component_item_id,
    explosion.location_id,
    sum(explosion.qty_per / coalesce(nullif(yield.yield_rate, 0), 1) order by explosion.path) as qty_per
from explosion
left join yield on yield.item_id = explosion.parent_item_id and yield.location_id = explosion.location_id
where not explosion.is_phantom
group by explosion.parent_item_id, explosion.component_item_id, explosion.location_id
order by explosion.parent_item_id, explosion.component_item_id, explosion.location_id
