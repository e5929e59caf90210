-- Grain: one row a limit that orders share, with the name of the location it belongs to.
select
    shared.kind,
    shared.scope_id,
    location.name as location_name,
    shared.available,
    shared.wanted,
    shared.used,
    shared.shadow_price
from plan.limit as shared
left join core.location as location on location.location_id = shared.scope_id
order by shared.kind, shared.scope_id
