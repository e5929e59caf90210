-- New production carries the hours of its jobs: none begins before, none ends after. What the schedule does not know
-- carries none.
with job as (
    select item_id, location_id, min(start_at) as start_at, max(finish_at) as finish_at
    from plan.job_order
    where kind = 'proposal'
    group by item_id, location_id
)
select
    proposal.proposal_id,
    proposal.item_id,
    proposal.location_id,
    proposal.start_at,
    proposal.finish_at,
    job.start_at as job_start_at,
    job.finish_at as job_finish_at
from plan.proposal as proposal
left join job
    on job.item_id = proposal.item_id
    and job.location_id = proposal.location_id
where proposal.action = 'NEW'
    and proposal.kind = 'production'
    and (proposal.start_at is distinct from job.start_at or proposal.finish_at is distinct from job.finish_at)
