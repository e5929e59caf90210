-- A production order of the schedule begins with its first operation, not before its components are there (unless last
-- night had it begin), ends with its last, and is as late as its end is after the due day; and every production order in
-- the books or of tonight is in it.
with ran as (
    select job_id, min(start_at) as start_at, max(end_at) as end_at, sum(setup_hours + run_hours) as load_hours
    from plan.job
    group by job_id
)
select job_order.job_id, 'dates' as reason
from plan.job_order as job_order
left join ran on ran.job_id = job_order.job_id
where job_order.finish_at < job_order.start_at
    or job_order.start_at <> coalesce(ran.start_at, job_order.start_at)
    or job_order.finish_at <> coalesce(ran.end_at, job_order.finish_at)
    or differs(job_order.load_hours, coalesce(ran.load_hours, 0))
    or (ran.job_id is null) <> (job_order.method = 'lead_time')
    or (not job_order.is_frozen and job_order.start_at < job_order.material_date)
    or (not job_order.is_frozen and job_order.start_at < order_day())
    or differs(
        job_order.tardy_days,
        greatest(0, date_diff('minute', (job_order.due_date + 1)::timestamp, job_order.finish_at) / 1440)
    )
union all
select job_id, 'nobody ordered it'
from ran
where job_id not in (select job_id from plan.job_order)
union all
select order_id || '/' || line_id, 'missing'
from core.open_supply
where kind = 'production'
    and not is_lost
    and open_qty > 1e-6
    and order_id || '/' || line_id not in (select job_id from plan.job_order where kind = 'open_order')
union all
select 'proposal/' || item_id || '/' || location_id || '/0', 'missing'
from plan.order as orders
where kind = 'make'
    and qty > 1e-6
    and not exists (
        from plan.job_order as job_order
        where job_order.kind = 'proposal'
            and job_order.item_id = orders.item_id
            and job_order.location_id = orders.location_id
            and not differs(job_order.qty, orders.qty)
    )
