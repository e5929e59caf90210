-- A forecast is dated as its bucket is, never below nothing, its baseline times what events make of it, and what is known of its error grows no smaller with the
-- buckets it is summed over.
with line as (
    select
        forecast.*,
        lag(variance_qty2) over (partition by item_id, location_id order by bucket_index) as variance_before
    from plan.forecast as forecast
)
select line.item_id, line.location_id, line.bucket_index, line.bucket_start, bucket.bucket_start as starts, line.variance_qty2
from line
left join core.bucket as bucket on bucket.bucket_index = line.bucket_index
where line.bucket_start is distinct from bucket.bucket_start
    or line.forecast_qty < 0
    or line.variance_qty2 < 0
    or exceeds(coalesce(line.variance_before, 0), line.variance_qty2)
    or line.index_rate < 0
    or differs(line.forecast_qty, line.baseline_qty * line.uplift_rate)
    or line.uplift_rate < 0
