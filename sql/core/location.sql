-- One row per location named by any input, with its defaults filled in.
-- Stores, customers with managed stock and locations of unknown kind lose what they cannot serve; the rest backorder.
with named as (
    select location_id from staging.location
    union
    select location_id from staging.sales
    union
    select location_id from staging.stock
    union
    select location_id from staging.sourcing
    union
    select source_id from staging.sourcing where kind in ('move', 'make')
    union
    select location_id from staging.open_order
    union
    select location_id from staging.bom where location_id is not null
),
described as (
    select
        named.location_id,
        coalesce(location.name, named.location_id) as name,
        coalesce(location.kind, 'unknown') as kind,
        coalesce(location.cluster, 'all') as cluster,
        location.calendar_id,
        location.volume_capacity,
        location.shortage_rule
    from named
    left join staging.location as location on location.location_id = named.location_id
)
select
    location_id,
    name,
    kind,
    cluster,
    calendar_id,
    nullif(volume_capacity, 0) as volume_capacity,
    coalesce(
        shortage_rule,
        case when kind in ('store', 'vmi', 'unknown') then 'lost_sales' else 'backorder' end
    ) as shortage_rule,
    case when shortage_rule is null then 'default' else 'input' end as shortage_rule_source
from described
order by location_id
