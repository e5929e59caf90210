-- Every total is the sum of the forecasts of its nodes: no level says anything the nodes do not.
with week as (
    select node.category, forecast.location_id, bucket.week_index, sum(forecast_qty) as qty, sum(event_qty) as event_qty
    from plan.forecast as forecast
    inner join core.bucket as bucket on bucket.bucket_index = forecast.bucket_index
    inner join core.node as node
        on node.item_id = forecast.item_id and node.location_id = forecast.location_id
    group by node.category, forecast.location_id, bucket.week_index
),
category_level as (
    select week.*, unnest(list_distinct(list_append(path_prefixes(category), 'all'))) as category_level
    from week
),
level as (
    select category_level, unnest(list_distinct([location_id, 'all'])) as location_level, week_index, qty, event_qty
    from category_level
),
summed as (
    select category_level, location_level, week_index, sum(qty) as forecast_qty, sum(event_qty) as event_qty
    from level
    group by all
)
select
    coalesce(total.category, summed.category_level) as category,
    coalesce(total.location_id, summed.location_level) as location_id,
    coalesce(total.week_index, summed.week_index) as week_index,
    total.forecast_qty,
    summed.forecast_qty as expected_qty
from plan.total as total
full join summed
    on summed.category_level = total.category
    and summed.location_level = total.location_id
    and summed.week_index = total.week_index
where total.forecast_qty is null
    or summed.forecast_qty is null
    or differs(total.forecast_qty, summed.forecast_qty)
    or differs(total.event_qty, summed.event_qty)
