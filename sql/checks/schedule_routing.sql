-- Every step of a job's routing is scheduled once, on one of its alternates, and begins after the step before it and its
-- queue. What is frozen stays as last night had it.
with placed as (
    select job.*, job_order.item_id, job_order.source_id
    from plan.job as job
    join plan.job_order as job_order on job_order.job_id = job.job_id
    where not job_order.is_frozen
),
stepped as (
    select
        placed.*,
        operation.step_seq as routing_step_seq,
        placed.start_at - to_minutes(ceil(60 * coalesce(operation.queue_hours, 0) - 1e-6)::bigint) as ready_at,
        lag(placed.end_at) over (partition by placed.job_id order by placed.step_seq, placed.operation_seq) as ended_at
    from placed
    left join core.operation as operation
        on operation.item_id = placed.item_id
        and operation.location_id = placed.source_id
        and operation.operation_seq = placed.operation_seq
        and operation.work_center_id = placed.work_center_id
)
select job_id, operation_seq, 'out of order' as reason
from stepped
where ready_at < ended_at or routing_step_seq is distinct from step_seq
union all
select job_order.job_id, operation.step_seq, 'not once'
from plan.job_order as job_order
join (select distinct item_id, location_id, step_seq from core.operation) as operation
    on operation.item_id = job_order.item_id and operation.location_id = job_order.source_id
left join placed on placed.job_id = job_order.job_id and placed.step_seq = operation.step_seq
where job_order.method <> 'lead_time' and not job_order.is_frozen
group by job_order.job_id, operation.step_seq
having count(placed.job_id) <> 1
