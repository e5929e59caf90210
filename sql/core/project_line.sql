-- One row per order line that is a project, not everyday demand: one customer took, in one order, far more than the node
-- ever sells in a line, and at least what it sells in a week. Far more is three times the 99.5 % quantile of its lines
-- where there are two hundred; ten times the next largest line where there are twenty. Lines of one order, customer and
-- day count as one; lines without customer and order, and lines of a promotion, are never a project.
with line as (
    select
        item_id,
        location_id,
        date,
        coalesce(customer_id, '-') as customer_id,
        coalesce(order_id, '-') as order_id,
        exact_sum(qty) as qty
    from staging.sales
    where qty > 0 and coalesce(customer_id, order_id) is not null
    group by all
),
law as (
    select
        item_id,
        location_id,
        count(*) as line_count,
        quantile_cont(qty, 0.995) as quantile_qty,
        max(qty, 2) as largest,
        exact_sum(qty) as total_qty,
        max(date) - min(date) + 1 as days
    from line
    group by item_id, location_id
    having count(*) >= 20
),
found as (
    select
        line.*,
        case when line_count >= 200 then 3 * quantile_qty else 10 * largest[2] end as limit_qty,
        law.total_qty,
        law.days
    from line
    join law on law.item_id = line.item_id and law.location_id = line.location_id
)
select item_id, location_id, date, customer_id, order_id, qty, limit_qty
from found
where qty > limit_qty
    and qty >= 7 * (total_qty - qty) / days
    and not exists (
        from core.event_bucket as event_bucket
        join core.bucket as bucket on bucket.bucket_index = event_bucket.bucket_index
        where event_bucket.item_id = found.item_id
            and event_bucket.location_id = found.location_id
            and event_bucket.kind <> 'closure'
            and found.date between bucket.bucket_start and bucket.bucket_end
    )
order by item_id, location_id, date, customer_id, order_id
