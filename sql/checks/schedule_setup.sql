-- Every operation is set up for after what ran on its machine before it: nothing within a family, the stated hours of the
-- change, else its own set-up. What is frozen stays as last night had it.
with placed as (
    select
        job.job_id,
        job.operation_seq,
        job.work_center_id,
        job.setup_family,
        job.setup_hours,
        job.is_frozen,
        job_order.item_id,
        job_order.source_id,
        lag(job.setup_family) over (
            partition by job.work_center_id, job.machine
            order by job.start_at, job.end_at, job.job_id, job.operation_seq
        ) as family_before
    from plan.job as job
    join plan.job_order as job_order on job_order.job_id = job.job_id
),
needed as (
    select
        placed.*,
        case
            when placed.setup_family = placed.family_before then 0
            else coalesce(setup_change.hours, operation.setup_hours)
        end as needed_hours
    from placed
    join core.operation as operation
        on operation.item_id = placed.item_id
        and operation.location_id = placed.source_id
        and operation.operation_seq = placed.operation_seq
    left join core.setup_change as setup_change
        on setup_change.work_center_id = placed.work_center_id
        and setup_change.from_family = placed.family_before
        and setup_change.to_family = placed.setup_family
    where not placed.is_frozen
)
select job_id, operation_seq, family_before, setup_family, setup_hours, needed_hours
from needed
where differs(60 * setup_hours, ceil(60 * needed_hours - 1e-6))
