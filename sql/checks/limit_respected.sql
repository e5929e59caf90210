-- Tonight's purchases cost no more than the budget, what is ordered for a location fits the space it has left, and what
-- is bought of a supplier for a location fits the trucks that drive.
with line as (
    select
        orders.item_id,
        orders.location_id,
        orders.source_id,
        orders.kind,
        orders.qty * orders.unit_cost as cost,
        orders.qty * coalesce(item.volume, 0) as volume,
        orders.qty * coalesce(item.weight, 0) as weight
    from plan.order as orders
    join core.item as item on item.item_id = orders.item_id
    where orders.kind <> 'pass'
),
used as (
    select 'budget' as kind, '' as scope_id, sum(cost) as used
    from line
    where kind = 'buy'
    union all
    select 'volume', location_id, sum(volume)
    from line
    group by location_id
    union all
    select size.kind, line.source_id || ' > ' || line.location_id, sum(if(size.kind = 'truck_volume', volume, weight))
    from line
    cross join (values ('truck_volume'), ('truck_weight')) as size (kind)
    where line.kind = 'buy'
    group by size.kind, line.source_id, line.location_id
)
select shared.kind, shared.scope_id, shared.available, used.used
from plan.limit as shared
join used on used.kind = shared.kind and used.scope_id = shared.scope_id
where exceeds(used.used, shared.available)
