-- What events add or take is exactly what the forecast has beyond its baseline, at every node and bucket.
select item_id, location_id, bucket_index, forecast_qty, baseline_qty, event_qty
from plan.forecast
where differs(event_qty, forecast_qty - baseline_qty)
