-- One row per node, bucket and event that touches them, past and future.
-- An event without item, category or location means all of them; a category covers everything below its path.
with node as (
    select node_key.item_id, node_key.location_id, item.category
    from core.node_key as node_key
    join core.item as item on item.item_id = node_key.item_id
),
category_prefix as (
    select category, unnest(path_prefixes(category)) as prefix
    from (select distinct category from node) as category
),
event as (
    select * replace (case when item_id is null then category end as category), category as stated_category
    from staging.event
),
touched as (
    select node.item_id, node.location_id, node.category, event as event
    from event
    join node on node.item_id = event.item_id
    union all
    select node.item_id, node.location_id, node.category, event as event
    from event
    join category_prefix on category_prefix.prefix = event.category
    join node on node.category = category_prefix.category
    union all
    select node.item_id, node.location_id, node.category, event as event
    from event
    cross join node
    where event.item_id is null and event.category is null
)
select
    touched.item_id,
    touched.location_id,
    bucket.bucket_index,
    event.event_id,
    event.kind,
    event.expected_uplift_rate,
    (least(event.end_date, bucket.bucket_end) - greatest(event.start_date, bucket.bucket_start) + 1)
    / bucket.bucket_days as event_share
from touched
join core.bucket as bucket
    on bucket.bucket_start <= event.end_date and bucket.bucket_end >= event.start_date
where (event.location_id is null or event.location_id = touched.location_id)
    and (event.stated_category is null or list_contains(path_prefixes(touched.category), event.stated_category))
order by touched.item_id, touched.location_id, bucket.bucket_index, event.event_id
