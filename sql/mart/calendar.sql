-- Grain: one row a planning bucket shown: the last 52 weeks and all weeks ahead. Turns a bucket's number into its days.
select bucket_index, bucket_start, bucket_end, bucket_days
from core.bucket
where week_index >= -52
order by bucket_index
