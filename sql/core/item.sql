-- One row per item named by any input, with its defaults filled in and each default visible in a *_source column.
-- A cost or price of 0 counts as unknown. Cost: master, else the cheapest source, else the smallest price break, else
-- price less the usual margin, else 1. Price: master, else median of what was paid, else cost plus the usual margin.
with named as (
    select item_id from staging.item
    union
    select successor_item_id from staging.item where successor_item_id is not null
    union
    select item_id from staging.sales
    union
    select item_id from staging.stock
    union
    select item_id from staging.sourcing
    union
    select item_id from staging.open_order
    union
    select parent_item_id from staging.bom
    union
    select component_item_id from staging.bom
),
source_cost as (
    select item_id, min(nullif(unit_cost, 0)) as unit_cost
    from staging.sourcing
    group by item_id
),
bracket_cost as (
    select item_id, arg_min(nullif(unit_cost, 0), struct_pack(min_qty := min_qty, unit_cost := unit_cost)) as unit_cost
    from staging.price_break
    group by item_id
),
paid_price as (
    select sales.item_id, median(sales.unit_price) as unit_price
    from staging.sales as sales
    left join staging.item as item on item.item_id = sales.item_id
    where sales.qty > 0 and sales.unit_price > 0 and coalesce(item.unit_price, 0) = 0
    group by sales.item_id
),
known as (
    select
        named.item_id,
        item.* exclude (item_id, unit_cost, unit_price),
        coalesce(nullif(item.unit_cost, 0), source_cost.unit_cost, bracket_cost.unit_cost) as known_cost,
        nullif(item.unit_price, 0) as master_price,
        paid_price.unit_price as paid_price,
        coalesce(nullif(item.unit_price, 0), paid_price.unit_price) as known_price,
        1 - night.margin_share as cost_share
    from named
    left join staging.item as item on item.item_id = named.item_id
    left join source_cost on source_cost.item_id = named.item_id
    left join bracket_cost on bracket_cost.item_id = named.item_id
    left join paid_price on paid_price.item_id = named.item_id
    cross join meta.night as night
)
select
    item_id,
    coalesce(name, item_id) as name,
    coalesce(category, 'all') as category,
    brand,
    size,
    coalesce(uom, 'EA') as uom,
    lower(coalesce(uom, 'EA')) in ('kg', 'g', 'l', 'ml', 'm', 'm2', 'm3', 't') as is_continuous,
    coalesce(known_cost, known_price * cost_share, 1)::double as unit_cost,
    coalesce(known_price, coalesce(known_cost, 1) / greatest(cost_share, 0.01))::double as unit_price,
    case
        when known_cost is not null then 'input'
        when master_price is not null then 'from_price'
        when paid_price is not null then 'from_sales'
        else 'default'
    end as cost_source,
    case
        when master_price is not null then 'input'
        when paid_price is not null then 'from_sales'
        when known_cost is not null then 'from_cost'
        else 'default'
    end as price_source,
    known_cost is not null or known_price is not null as has_money,
    shelf_life_days,
    volume,
    weight,
    launch_date,
    end_date,
    approval_date,
    successor_item_id,
    coalesce(salvage_value, 0)::double as salvage_value,
    coalesce(disposal_cost, 0)::double as disposal_cost
from known
order by item_id
