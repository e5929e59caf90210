-- No demand is served more than it wants: no customer order line, and at no node the forecast, the requirements or
-- the safety stock; no production order, which within the horizon is part of the requirements, the components it takes.
with pegged as (
    select
        item_id,
        location_id,
        demand_kind,
        case when demand_kind in ('sales_order', 'production_order') then demand_id end as demand_id,
        sum(qty) as qty
    from plan.peg
    where demand_kind <> 'requirement'
    group by all
    union all
    select item_id, location_id, 'requirement', null, sum(qty)
    from plan.peg
    where demand_kind = 'requirement'
        or (demand_kind = 'production_order' and demand_date <= (select max(bucket_end) from core.bucket))
    group by item_id, location_id
),
demand as (
    select item_id, location_id, 'forecast' as demand_kind, null as demand_id, sum(forecast_qty) as qty
    from plan.projection
    group by item_id, location_id
    union all
    select item_id, location_id, 'requirement', null, sum(requirement_qty)
    from plan.projection
    group by item_id, location_id
    union all
    select item_id, location_id, 'production_order', order_id || '/' || line_id, open_qty
    from core.firm_need
    union all
    select item_id, location_id, 'sales_order', order_id || '/' || line_id, open_qty
    from core.open_demand
    union all
    select item_id, location_id, 'safety_stock', null, greatest(safety_stock_qty, shelf_floor_qty)
    from plan.target
)
select
    pegged.item_id,
    pegged.location_id,
    pegged.demand_kind,
    pegged.demand_id,
    pegged.qty as pegged_qty,
    demand.qty as demand_qty
from pegged
left join demand
    on demand.item_id = pegged.item_id
    and demand.location_id = pegged.location_id
    and demand.demand_kind = pegged.demand_kind
    and demand.demand_id is not distinct from pegged.demand_id
where exceeds(pegged.qty, coalesce(demand.qty, 0))
