-- An order is placed on a day on which its source takes orders, the first of them that its item's approval allows, and it
-- arrives when its lead time is over: learned, else the master's; made, not inside the planning fence. Its new lines carry
-- its dates; production that is done later arrives later.
with line as (
    select
        orders.*,
        arc.order_calendar_id,
        arc.fence_days,
        wish.lead_time_buckets,
        greatest(order_day(), coalesce(item.approval_date, order_day())) as earliest_date
    from plan.order as orders
    join core.arc as arc
        on arc.item_id = orders.item_id and arc.location_id = orders.location_id and arc.source_id = orders.source_id
        and arc.arc_rank = 1
    join plan.wish as wish on wish.item_id = orders.item_id and wish.location_id = orders.location_id
    join core.item as item on item.item_id = orders.item_id
),
slot as (
    select asked.order_calendar_id, asked.earliest_date, min(day.date) as date
    from (select distinct order_calendar_id, earliest_date from line) as asked
    join core.calendar_day as day
        on day.calendar_id = asked.order_calendar_id and day.is_open and day.date >= asked.earliest_date
    group by all
)
select line.item_id, line.location_id, line.source_id, null as proposal_id, line.order_date, slot.date as slot_date,
    line.receipt_date, line.need_date
from line
left join slot on slot.order_calendar_id = line.order_calendar_id and slot.earliest_date = line.earliest_date
cross join meta.night as night
where (slot.date is not null and line.order_date <> slot.date)
    or (
        line.receipt_date - order_day() <> line.fence_days
        and line.receipt_date - order_day() not between (line.lead_time_buckets - 1) * night.bucket_days
        and line.lead_time_buckets * night.bucket_days
    )
union all
select line.item_id, line.location_id, line.source_id, proposal.proposal_id, proposal.order_date, line.order_date,
    proposal.receipt_date, proposal.need_date
from plan.proposal as proposal
left join line on line.item_id = proposal.item_id and line.location_id = proposal.location_id
left join core.previous_proposal as before on before.proposal_id = proposal.proposal_id
where proposal.action = 'NEW'
    and proposal.reason_code <> 'rebalance'
    and (
        line.item_id is null
        or proposal.order_date <> line.order_date
        or proposal.receipt_date <> greatest(line.receipt_date, coalesce(proposal.finish_at::date, line.receipt_date))
        or proposal.need_date <> line.need_date
        or proposal.first_need_date <> coalesce(before.first_need_date, proposal.need_date)
    )
