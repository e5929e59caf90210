-- Production carries what its jobs say of it: hours, material, what it waits for, and the day it can be promised for.
-- Other lines carry nothing of the kind.
with job as (
    select
        item_id,
        location_id,
        case when kind = 'open_order' then order_id end as order_id,
        case when kind = 'open_order' then line_id end as line_id,
        sum(load_hours) as load_hours,
        max(material_date) as material_date,
        max(finish_at)::date as promise_date,
        list(distinct bottleneck_id) as bottlenecks,
        list(distinct short_item_id) as short_items
    from plan.job_order
    where kind <> 'planned'
    group by all
)
select line.proposal_id, line.item_id, line.location_id, line.load_hours, job.load_hours as job_hours, line.promise_date
from plan.proposal as line
left join job
    on job.item_id = line.item_id
    and job.location_id = line.location_id
    and job.order_id is not distinct from line.existing_order_id
    and job.line_id is not distinct from line.existing_line_id
    and line.kind = 'production'
where (line.load_hours is null) <> (job.load_hours is null)
    or coalesce(differs(line.load_hours, job.load_hours), false)
    or line.material_date is distinct from job.material_date
    or line.promise_date is distinct from job.promise_date
    or (line.bottleneck_id is not null and not coalesce(list_contains(job.bottlenecks, line.bottleneck_id), false))
    or (line.short_item_id is not null and not coalesce(list_contains(job.short_items, line.short_item_id), false))
