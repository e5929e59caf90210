-- A production order in the schedule is the one in the books or of tonight, with its item, place, plant and quantity, and
-- starts no fewer units than it is to bring.
select job.job_id, job.kind, job.item_id, job.location_id, job.qty, books.open_qty, orders.qty as order_qty
from plan.job_order as job
left join core.open_supply as books
    on job.kind = 'open_order' and books.order_id = job.order_id and books.line_id = job.line_id
left join plan.order as orders
    on job.kind = 'proposal' and orders.item_id = job.item_id and orders.location_id = job.location_id
where case job.kind
        when 'open_order' then books.order_id is null
            or books.kind <> 'production'
            or books.item_id <> job.item_id
            or books.location_id <> job.location_id
            or differs(books.open_qty, job.qty)
            or job.job_id <> job.order_id || '/' || job.line_id
        when 'proposal' then orders.item_id is null or orders.source_id <> job.source_id or differs(orders.qty, job.qty)
        else job.order_id is not null or job.qty < 0
    end
    or exceeds(job.qty, job.start_qty)
    or job.weight < 0
    or job.source_id not in (select location_id from core.location)
    or (job.bottleneck_id is not null and job.bottleneck_id not in (select work_center_id from core.work_center))
