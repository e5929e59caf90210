-- What the projection counts on of open orders, and what it does not, are the open orders: in every bucket at least
-- those due in it and not past due, where no lateness was learnt, and over the horizon no more than are open.
with due as (
    select s.item_id, s.location_id, b.bucket_index, sum(s.open_qty) as qty
    from core.open_supply as s
    inner join core.bucket as b on s.due_date between b.bucket_start and b.bucket_end
    inner join plan.lead_time as l on l.item_id = s.item_id and l.location_id = s.location_id
    where l.lateness_pmf is null and not s.is_lost and not s.is_past_due and b.bucket_index >= 0
    group by all
),
open_order as (
    select item_id, location_id, sum(open_qty) as qty
    from core.open_supply
    where not is_lost
    group by item_id, location_id
),
told as (
    select item_id, location_id, bucket_index, receipt_qty + undelivered_qty as qty
    from plan.projection
),
whole as (
    select item_id, location_id, sum(qty) as qty
    from told
    group by item_id, location_id
)
select told.item_id, told.location_id, told.bucket_index, told.qty as told_qty, due.qty as open_qty
from told
inner join due
    on due.item_id = told.item_id and due.location_id = told.location_id and due.bucket_index = told.bucket_index
where exceeds(due.qty, told.qty)
union all
select whole.item_id, whole.location_id, null, whole.qty, open_order.qty
from whole
left join open_order on open_order.item_id = whole.item_id and open_order.location_id = whole.location_id
where exceeds(whole.qty, coalesce(open_order.qty, 0))
