-- What is bought of a supplier that states its trucks has trucks to ride in, no more than these hold, and full ones
-- where only full ones drive: 95 % of their volume or weight, or no room for the smallest step of any of the lines.
-- Goods without a size in what their trucks are measured by fill none.
with line as (
    select
        orders.source_id,
        orders.location_id,
        orders.qty * coalesce(item.volume, 0) as volume,
        orders.qty * coalesce(item.weight, 0) as weight,
        step.pack_qty * nullif(item.volume, 0) as step_volume,
        step.pack_qty * nullif(item.weight, 0) as step_weight
    from plan.order as orders
    join core.item as item on item.item_id = orders.item_id
    left join plan.curve as step
        on step.item_id = orders.item_id and step.location_id = orders.location_id and step.pack_index = 1
    where orders.kind = 'buy' and orders.qty > 0
),
bought as (
    select
        source_id,
        location_id,
        sum(volume) as volume,
        sum(weight) as weight,
        min(step_volume) as step_volume,
        min(step_weight) as step_weight
    from line
    group by source_id, location_id
),
driving as (
    select source_id, location_id, max(truck_count) as truck_count
    from plan.limit
    where truck_count is not null
    group by source_id, location_id
),
room as (
    select
        bought.*,
        supplier.full_truck_only,
        driving.truck_count,
        driving.truck_count * case when supplier.truck_volume > 1e-9 then supplier.truck_volume end as truck_volume,
        driving.truck_count * case when supplier.truck_weight > 1e-9 then supplier.truck_weight end as truck_weight
    from bought
    join core.supplier as supplier on supplier.supplier_id = bought.source_id
    left join driving on driving.source_id = bought.source_id and driving.location_id = bought.location_id
    where supplier.truck_volume > 1e-9 or supplier.truck_weight > 1e-9
)
select source_id, location_id, truck_count, volume, truck_volume, weight, truck_weight
from room
where coalesce(truck_count, 0) = 0
    or exceeds(volume, coalesce(truck_volume, volume))
    or exceeds(weight, coalesce(truck_weight, weight))
    or (
        full_truck_only
        and coalesce(truck_volume * volume, 0) + coalesce(truck_weight * weight, 0) > 0
        and not (
            coalesce(volume >= 0.949999 * truck_volume or truck_volume - volume < step_volume * 0.9999995, false)
            or coalesce(weight >= 0.949999 * truck_weight or truck_weight - weight < step_weight * 0.9999995, false)
        )
    )
