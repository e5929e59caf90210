-- Grain: one row an operation that has its machine and hours, beside the order it belongs to.
select
    job.job_id,
    job.operation_seq,
    job.work_center_id,
    job.machine,
    job.start_at,
    job.end_at,
    job.setup_hours,
    job.run_hours,
    job.setup_family,
    job.is_frozen,
    job_order.kind,
    job_order.item_id,
    coalesce(item.name, job_order.item_id) as item_name,
    job_order.qty,
    item.uom,
    job_order.due_date,
    job_order.tardy_days,
    job_order.tardy_days > 0 as is_late
from plan.job as job
join plan.job_order as job_order on job_order.job_id = job.job_id
left join core.item as item on item.item_id = job_order.item_id
