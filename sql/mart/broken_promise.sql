-- Grain: one row a node whose orders missed more than they promised to miss, most money first. Promises of the last 400
-- days whose time is over; units beyond the promise are those not served less those it said would not be.
with judged as (
    select
        item_id,
        location_id,
        cast(count(*) as integer) as promise_count,
        exact_sum(stockout_probability) / count(*) as promised_share,
        avg(cast(is_stockout as integer)) as achieved_share,
        exact_sum(greatest(expected_demand_qty - expected_sales_qty, 0)) as promised_lost_qty,
        exact_sum(greatest(achieved_demand_qty - achieved_sales_qty, 0)) as achieved_lost_qty,
        max(window_end) filter (where is_stockout) as last_broken_date
    from plan.kept_promise
    group by item_id, location_id
)
select
    judged.item_id,
    judged.location_id,
    node.item_name,
    node.location_name,
    node.category,
    judged.promise_count,
    judged.promised_share,
    judged.achieved_share,
    judged.promised_lost_qty,
    judged.achieved_lost_qty,
    judged.achieved_lost_qty - judged.promised_lost_qty as beyond_qty,
    case when node.has_money then (judged.achieved_lost_qty - judged.promised_lost_qty) * node.shortage_cost end
        as beyond_value,
    judged.last_broken_date
from judged
join core.node as node on node.item_id = judged.item_id and node.location_id = judged.location_id
where judged.achieved_lost_qty - judged.promised_lost_qty > 0 and judged.last_broken_date is not null
order by beyond_value desc nulls last, beyond_qty desc, judged.item_id, judged.location_id
