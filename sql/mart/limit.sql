-- Grain: one row a limit that orders share, with the names of the location and supplier it belongs to.
select
    shared.kind,
    shared.scope_id,
    location.name as location_name,
    coalesce(supplier.name, shared.source_id) as source_name,
    shared.truck_count,
    shared.available,
    shared.wanted,
    shared.used,
    shared.used / nullif(shared.available, 0) as used_share,
    shared.shadow_price
from plan.limit as shared
left join core.location as location on location.location_id = coalesce(shared.location_id, shared.scope_id)
left join core.supplier as supplier on supplier.supplier_id = shared.source_id
order by shared.kind, shared.scope_id
