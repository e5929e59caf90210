-- Grain: one row a production order that ends after its due day. What it waits for: a component that comes last and lets
-- it start no earlier, else the work centre it queues at longest, else nothing: the time it takes is longer than there is.
select
    job_order.job_id,
    job_order.kind,
    job_order.item_id,
    coalesce(item.name, job_order.item_id) as item_name,
    job_order.source_id,
    coalesce(location.name, job_order.source_id) as source_name,
    job_order.qty,
    item.uom,
    job_order.due_date,
    job_order.start_at,
    job_order.finish_at,
    job_order.tardy_days,
    job_order.weight * job_order.qty * job_order.tardy_days as late_cost,
    case
        when job_order.short_item_id is not null and cast(job_order.start_at as date) <= job_order.material_date + 1
            then 'material'
        when job_order.bottleneck_id is not null then 'work_center'
        else 'time'
    end as waits_for,
    job_order.short_item_id,
    coalesce(short.name, job_order.short_item_id) as short_item_name,
    job_order.material_date,
    job_order.bottleneck_id,
    job_order.method
from plan.job_order as job_order
left join core.item as item on item.item_id = job_order.item_id
left join core.item as short on short.item_id = job_order.short_item_id
left join core.location as location on location.location_id = job_order.source_id
where job_order.tardy_days > 0
