-- What plan.limit says an order takes of its supplier's minimum is what its lines add up to.
with line as (
    select source_id, location_id, qty, qty * unit_cost as cost
    from plan.order
    where kind = 'buy'
),
ordered as (
    select 'supplier_value' as kind, source_id, location_id, sum(cost) as used
    from line
    group by source_id, location_id
    union all
    select 'supplier_qty', source_id, location_id, sum(qty)
    from line
    group by source_id, location_id
)
select shared.kind, shared.scope_id, shared.used, coalesce(ordered.used, 0) as ordered
from plan.limit as shared
left join ordered
    on ordered.kind = shared.kind
    and ordered.source_id = shared.source_id
    and ordered.location_id = shared.location_id
where shared.kind in ('supplier_value', 'supplier_qty') and differs(shared.used, coalesce(ordered.used, 0))
