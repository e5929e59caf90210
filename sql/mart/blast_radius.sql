-- Grain: one row a doubt and where it began. What doubtful data touches: how many nodes, how many proposals it holds back
-- and what those are worth, and the money at stake while they wait: what the touched nodes would lose over their
-- protection time. A node touched by two doubts is counted in both.
with doubt as (
    select item_id, location_id, cause, origin_id, first_date, last_date, detail
    from core.data_doubt
    union all
    select
        outlier.item_id,
        outlier.location_id,
        'demand_outlier',
        outlier.origin_item_id,
        outlier.bucket_start,
        outlier.bucket_start,
        'sales of one day or week dwarf all others'
    from core.demand_outlier as outlier
    union all
    select record.item_id, record.location_id, 'ghost_stock', record.item_id, as_of(), as_of(), 'stock in the books that does not sell'
    from plan.record as record
    where record.is_ghost
),
held as (
    select
        item_id,
        location_id,
        split_part(hold_cause, ':', 1) as code,
        count(*) as line_count,
        sum(case action when 'INCREASE' then (qty - old_qty) * unit_cost else value end) as value
    from plan.proposal
    where hold
    group by all
),
stake as (
    select item_id, location_id, code, sum(value_at_stake) as value
    from plan.exception
    where code in ('DATA_INVALID', 'GHOST_STOCK', 'OUTLIER')
    group by all
),
coded as (
    select
        doubt.*,
        case cause when 'demand_outlier' then 'OUTLIER' when 'ghost_stock' then 'GHOST_STOCK' else 'DATA_INVALID' end as code
    from doubt
)
select
    coded.cause,
    coded.origin_id,
    case
        when coded.origin_id = '*' then 'all locations'
        when coded.cause in ('silent_location', 'feed_gap') then coalesce(any_value(location.name), coded.origin_id)
        else coalesce(any_value(item.name), coded.origin_id)
    end as origin_name,
    case when count(distinct coded.location_id) = 1 then min(coalesce(place.name, coded.location_id)) end as location_name,
    min(coded.first_date) as first_date,
    max(coded.last_date) as last_date,
    min(coded.detail) as detail,
    cast(count(*) as integer) as node_count,
    cast(count(distinct coded.location_id) as integer) as location_count,
    cast(coalesce(sum(held.line_count), 0) as integer) as hold_count,
    coalesce(exact_sum(held.value), 0) as hold_value,
    coalesce(exact_sum(stake.value), 0) as value_at_stake
from coded
left join held on held.item_id = coded.item_id and held.location_id = coded.location_id and held.code = coded.code
left join stake on stake.item_id = coded.item_id and stake.location_id = coded.location_id and stake.code = coded.code
left join core.location as location on location.location_id = coded.origin_id
left join core.location as place on place.location_id = coded.location_id
left join core.item as item on item.item_id = coded.origin_id
group by coded.cause, coded.origin_id
order by value_at_stake desc, hold_count desc, coded.cause, coded.origin_id
