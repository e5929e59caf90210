-- Every node with demand of its own has a forecast for every bucket of the horizon, or a reason why it has none.
with forecast_rows as (
    select item_id, location_id, count(*) as row_count
    from plan.forecast
    group by item_id, location_id
),
horizon as (
    select count(*) as bucket_count
    from core.bucket
    where bucket_index >= 0
)
select node.item_id, node.location_id, parameter.reason, coalesce(forecast_rows.row_count, 0) as forecast_rows
from core.node as node
left join plan.parameter as parameter
    on parameter.item_id = node.item_id and parameter.location_id = node.location_id
left join forecast_rows on forecast_rows.item_id = node.item_id and forecast_rows.location_id = node.location_id
cross join horizon
where node.has_demand
    and (
        parameter.item_id is null
        or (parameter.reason is null and coalesce(forecast_rows.row_count, 0) <> horizon.bucket_count)
    )
