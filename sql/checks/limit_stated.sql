-- What is shared is what the business states, and no more of it is told as used than was wanted unless a limit asks for
-- more; a price is above nothing only where a limit binds.
with stated as (
    select
        shared.*,
        case shared.kind
            when 'supplier_value' then supplier.min_order_value
            when 'supplier_qty' then supplier.min_order_qty
        end as minimum,
        location.volume_capacity,
        coalesce(shared.source_id || ' > ' || shared.location_id, case when shared.kind = 'volume' then shared.scope_id end, '')
            as named_scope
    from plan.limit as shared
    left join core.location as location on shared.kind = 'volume' and location.location_id = shared.scope_id
    left join core.supplier as supplier on supplier.supplier_id = shared.source_id
)
select kind, scope_id, source_id, location_id, truck_count, available, wanted, used, shadow_price
from stated
where scope_id <> named_scope
    or (kind in ('budget', 'fill', 'volume') and truck_count is not null)
    or coalesce(truck_count < 0 or truck_count <> round(truck_count), false)
    or (kind in ('supplier_value', 'supplier_qty') and (minimum is null or differs(available, minimum)))
    or (kind in ('budget', 'volume', 'truck_volume', 'truck_weight') and (exceeds(used, available) or shadow_price < 0))
    or (kind = 'volume' and (volume_capacity is null or exceeds(available, volume_capacity)))
    or (kind = 'budget' and shadow_price > 0 and not exceeds(wanted, used))
