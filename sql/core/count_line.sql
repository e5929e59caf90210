-- One row per count up to as-of at a node of the network: what the books said, what was found, and how many units were
-- sold and received since the count before (those of the buckets that ended in between).
with line as (
    select
        count.item_id,
        count.location_id,
        count.date,
        count.book_qty,
        count.counted_qty,
        lag(count.date) over (partition by count.item_id, count.location_id order by count.date) as date_before
    from staging.stock_count as count
    join core.node_key as node_key on node_key.item_id = count.item_id and node_key.location_id = count.location_id
),
moved as (
    select
        line.item_id,
        line.location_id,
        line.date,
        exact_sum(abs(coalesce(history.sales_qty, 0)) + coalesce(history.receipt_qty, 0)) as qty
    from line
    join core.demand_history as history
        on history.item_id = line.item_id
        and history.location_id = line.location_id
        and history.bucket_start > line.date_before
        and history.bucket_start <= line.date
    group by line.item_id, line.location_id, line.date
)
select
    line.item_id,
    line.location_id,
    line.date,
    line.book_qty,
    line.counted_qty,
    item.category,
    case when line.date_before is not null then coalesce(moved.qty, 0) end::double as moved_qty
from line
join core.item as item on item.item_id = line.item_id
left join moved
    on moved.item_id = line.item_id and moved.location_id = line.location_id and moved.date = line.date
order by line.item_id, line.location_id, line.date
