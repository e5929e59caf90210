-- Tonight's purchases cost no more than the budget, and what is ordered for a location fits the space it has left.
with money as (
    select 'budget' as kind, '' as scope_id, sum(qty * unit_cost) as used
    from plan.order
    where kind = 'buy'
),
space as (
    select 'volume' as kind, orders.location_id as scope_id, sum(orders.qty * coalesce(item.volume, 0)) as used
    from plan.order as orders
    join core.item as item on item.item_id = orders.item_id
    group by orders.location_id
),
used as (
    from money
    union all
    from space
)
select shared.kind, shared.scope_id, shared.available, used.used
from plan.limit as shared
join used on used.kind = shared.kind and used.scope_id = shared.scope_id
where exceeds(used.used, shared.available)
