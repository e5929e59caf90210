-- Grain: one row an exception. What needs a person, most money at stake first, with the names people know.
-- The value is empty where it rests on a made-up cost and price. A customer order or production at risk follows from
-- the first row with the same root: `root_rank`; messages on an open order stand for the order.
with rooted as (
    select
        x.exception_id,
        x.rank,
        coalesce(message.existing_order_id || '/' || message.existing_line_id, x.cause_id) as root_id,
        x.code = 'LATE_DEMAND' or starts_with(x.code, 'AT_RISK_') as is_symptom
    from plan.exception as x
    left join plan.proposal as message on message.proposal_id = x.cause_id
),
follows as (
    select
        exception_id,
        is_symptom,
        rank,
        first_value(rank) over (partition by root_id order by is_symptom, rank) as root_rank
    from rooted
    where root_id is not null
)
select
    x.rank,
    x.exception_id,
    x.code,
    x.item_id,
    coalesce(n.item_name, x.item_id) as item_name,
    x.location_id,
    coalesce(n.location_name, l.name, x.location_id) as location_name,
    n.category,
    x.order_id,
    x.date,
    x.qty,
    n.uom,
    case when coalesce(n.has_money, true) then x.value_at_stake end as value_at_stake,
    x.explanation,
    x.first_seen_run,
    x.hold,
    x.best_action,
    x.cause_id,
    case when follows.is_symptom and follows.root_rank <> x.rank then follows.root_rank end as root_rank
from plan.exception as x
left join follows using (exception_id)
left join core.node as n on n.item_id = x.item_id and n.location_id = x.location_id
left join core.location as l on l.location_id = x.location_id
order by x.rank, x.exception_id
