-- Between begin and end of an operation its work centre is open for exactly its set-up and run hours. A day's hours begin
-- at the hour the settings name, or so much earlier that they end with the day. What is frozen stays as last night had
-- it, and hours beyond the calendar are not known here.
with span as (
    select
        work_center_id,
        date,
        floor(60 * hours + 1e-6)::bigint as open_minutes,
        date::timestamp + to_minutes(least(floor(60 * night.day_start), 1440 - floor(60 * hours + 1e-6))::bigint) as opens_at
    from core.work_day
    cross join meta.night as night
),
known as (
    select work_center_id, max(date) + 1 as end_date
    from core.work_day
    group by work_center_id
),
worked as (
    select
        job.job_id,
        job.operation_seq,
        60 * (job.setup_hours + job.run_hours) as wanted_minutes,
        coalesce(sum(greatest(0, date_diff(
            'minute',
            greatest(job.start_at, span.opens_at),
            least(job.end_at, span.opens_at + to_minutes(span.open_minutes))
        ))), 0) as open_minutes
    from plan.job as job
    join known on known.work_center_id = job.work_center_id
    left join span
        on span.work_center_id = job.work_center_id
        and span.date between job.start_at::date and job.end_at::date
    where not job.is_frozen and job.end_at <= known.end_date
    group by job.job_id, job.operation_seq, job.setup_hours, job.run_hours
)
select job_id, operation_seq, wanted_minutes, open_minutes
from worked
where differs(wanted_minutes, open_minutes)
