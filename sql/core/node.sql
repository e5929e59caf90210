-- One row per node, an item at a location, with everything the steps need to know of it.
-- Demand of its own: sold here, or listed at a store or at a customer with managed stock, or taking over from an item
-- sold here. A lost unit costs what the policy says, else price less cost, else the usual margin on the price.
-- What is used up and passes its need on keeps no presentation stock.
with component as (
    select distinct component_item_id as item_id, location_id
    from core.bom_line
),
heir as (
    select distinct item.successor_item_id as item_id, node_key.location_id
    from core.node_key as node_key
    join core.item as item on item.item_id = node_key.item_id
    where node_key.is_sold and item.successor_item_id is not null
),
priced as (
    select
        node_key.item_id,
        node_key.location_id,
        coalesce(arc.unit_cost, item.unit_cost) as unit_cost,
        item.unit_price,
        coalesce(arc.kind = 'pass', false) as passes,
        item.cost_source in ('input', 'from_sales') and item.price_source in ('input', 'from_sales') as has_margin
    from core.node_key as node_key
    join core.item as item on item.item_id = node_key.item_id
    left join core.arc as arc
        on arc.item_id = node_key.item_id and arc.location_id = node_key.location_id and arc.arc_rank = 1
)
select
    node_key.item_id,
    node_key.location_id,
    item.name as item_name,
    location.name as location_name,
    item.category,
    location.cluster,
    item.brand,
    item.size,
    item.successor_item_id,
    location.kind as location_kind,
    item.uom,
    item.is_continuous,
    node_key.listed_from,
    node_key.listed_to,
    node_key.is_sold
    or (location.kind in ('store', 'vmi') and node_key.listed_from is not null)
    or heir.item_id is not null as has_demand,
    component.item_id is not null as is_component,
    node_level.level,
    node_level.is_cyclic,
    priced.unit_cost,
    priced.unit_price,
    item.has_money,
    case
        when policy.shortage_cost is not null then policy.shortage_cost
        when priced.has_margin then priced.unit_price - priced.unit_cost
        else night.margin_share * priced.unit_price
    end as shortage_cost,
    case
        when policy.shortage_cost is not null then 'policy'
        when priced.has_margin then 'margin'
        else 'default'
    end as shortage_cost_source,
    night.holding_rate * priced.unit_cost / 365 as holding_cost_per_day,
    location.shortage_rule,
    coalesce(policy.service_target, night.service_target) as service_target,
    coalesce(policy.fill_target, night.fill_target) as fill_target,
    case when coalesce(policy.service_target, policy.fill_target) is null then 'default' else 'policy' end
        as target_source,
    coalesce(policy.target_kind, 'service') as target_kind,
    case when priced.passes then 0 else coalesce(policy.min_stock_qty, 0) end::double as min_stock_qty,
    policy.max_stock_qty,
    coalesce(policy.method, night.method) as method,
    coalesce(policy.lot_rule, night.lot_rule) as lot_rule,
    policy.lot_qty,
    item.shelf_life_days,
    item.salvage_value,
    item.disposal_cost,
    item.approval_date
from core.node_key as node_key
join priced on priced.item_id = node_key.item_id and priced.location_id = node_key.location_id
join core.item as item on item.item_id = node_key.item_id
join core.location as location on location.location_id = node_key.location_id
join core.node_policy as policy on policy.item_id = node_key.item_id and policy.location_id = node_key.location_id
join core.node_level as node_level
    on node_level.item_id = node_key.item_id and node_level.location_id = node_key.location_id
left join heir on heir.item_id = node_key.item_id and heir.location_id = node_key.location_id
left join component on component.item_id = node_key.item_id and component.location_id = node_key.location_id
cross join meta.night as night
order by node_key.item_id, node_key.location_id
