-- Grain: one row an exception. What needs a person, most money at stake first, with the names people know.
-- The value is empty where it rests on a made-up cost and price.
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
    x.best_action
from plan.exception as x
left join core.node as n on n.item_id = x.item_id and n.location_id = x.location_id
left join core.location as l on l.location_id = x.location_id
order by x.rank, x.exception_id
