-- The demand of a bucket is its forecast, the requirements of dependants and the customer orders beyond the forecast,
-- and no more is lost than was wanted and owed.
select item_id, location_id, bucket_index, demand_qty, forecast_qty, requirement_qty, order_qty, lost_qty
from plan.projection
where differs(demand_qty, forecast_qty + requirement_qty + order_qty)
    or exceeds(lost_qty, demand_qty + greatest(0, -opening_qty))
