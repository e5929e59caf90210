-- One row per node and closed bucket whose sales are neither many nor none but unknown: days of a silent shop or of a
-- hole in the feed at what sells there, and sales in another unit from their jump on. They are left out of demand, so
-- that nodes which share a season or a law of errors with them, or supply them, are planned as ever.
select node_key.item_id, node_key.location_id, bucket.bucket_index
from core.feed_silence as silence
join core.node_key as node_key
    on node_key.is_sold and (silence.location_id = '*' or node_key.location_id = silence.location_id)
join core.bucket as bucket
    on bucket.bucket_index between silence.first_bucket_index and silence.last_bucket_index
union
select jump.item_id, jump.location_id, bucket.bucket_index
from core.unit_jump as jump
join core.bucket as bucket on bucket.bucket_start >= jump.first_date and bucket.bucket_index < 0
where jump.feed = 'sales'
order by item_id, location_id, bucket_index
