-- No machine works on two operations at once, and none has a number its work centre does not have.
with placed as (
    select
        *,
        max(end_at) over (
            partition by work_center_id, machine
            order by start_at, end_at, job_id, operation_seq
            rows between unbounded preceding and 1 preceding
        ) as busy_until
    from plan.job
)
select placed.job_id, placed.operation_seq, placed.work_center_id, placed.machine, placed.start_at, placed.busy_until
from placed
left join core.work_center as work_center on work_center.work_center_id = placed.work_center_id
where placed.start_at < placed.busy_until
    or placed.end_at < placed.start_at
    or placed.machine not between 1 and coalesce(work_center.machine_count, 0)
