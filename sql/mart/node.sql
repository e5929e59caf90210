-- Grain: one row a node. Everything a person asks of a node tonight: what it is, what is there, what is coming,
-- what is expected, what the targets say, what is proposed, what is wrong. Money is empty where cost and price are unknown.
with recent as (
    select
        d.item_id,
        d.location_id,
        exact_sum(case when d.bucket_start > n.as_of - 28 then d.sales_qty end) as sales_28_qty,
        exact_sum(case when d.bucket_start > n.as_of - 28 then d.demand_qty end) as demand_28_qty,
        exact_sum(case when d.bucket_start > n.as_of - 28 then d.lost_sales_qty end) as lost_28_qty,
        exact_sum(case when d.bucket_start > n.as_of - 28 then d.lost_sales_value end) as lost_28_value,
        exact_sum(d.lost_sales_value) as lost_364_value,
        exact_sum(
            case when d.bucket_start > n.as_of - 28 and d.lost_sales_qty > 0 then d.estimate_variance_qty2 end
        ) as lost_28_qty2,
        exact_sum(case when d.lost_sales_qty > 0 then d.estimate_variance_qty2 end) as lost_364_qty2
    from plan.demand as d
    cross join meta.night as n
    where d.bucket_index < 0 and d.bucket_start > n.as_of - 364
    group by d.item_id, d.location_id
),
ahead as (
    select
        p.item_id,
        p.location_id,
        7 * exact_sum(p.demand_qty) / sum(b.bucket_days) as demand_week_qty
    from plan.projection as p
    inner join core.bucket as b on b.bucket_index = p.bucket_index
    where b.week_index between 0 and 3
    group by p.item_id, p.location_id
),
uncertain as (
    select item_id, location_id, exact_sum(undelivered_qty) as undelivered_qty
    from plan.projection
    group by item_id, location_id
),
proposed as (
    select
        item_id,
        location_id,
        cast(count(*) as integer) as proposal_count,
        exact_sum(
            case
                when action = 'NEW' and not hold then qty
                when action = 'INCREASE' and not hold then qty - old_qty
            end
        ) as new_qty,
        exact_sum(
            case
                when action = 'NEW' and not hold then value
                when action = 'INCREASE' and not hold then (qty - old_qty) * unit_cost
            end
        ) as new_value,
        bool_or(hold) as hold,
        min_by(hold_cause, priority) filter (where hold) as hold_cause,
        min_by(action, (action <> 'NEW', priority, proposal_id)) as action,
        min_by(explanation, (action <> 'NEW', priority, proposal_id)) as explanation
    from plan.proposal
    where action <> 'ON_SCHEDULE'
    group by item_id, location_id
),
aged as (
    select
        item_id,
        location_id,
        min(expiry_date) as first_expiry_date,
        exact_sum(qty) as first_expiry_qty
    from plan.aged_lot
    where expiry_date is not null
    group by item_id, location_id, expiry_date
    qualify row_number() over (partition by item_id, location_id order by expiry_date) = 1
),
trouble as (
    select
        item_id,
        location_id,
        cast(count(*) as integer) as exception_count,
        min(rank) as worst_rank,
        min_by(code, rank) as worst_code,
        max(value_at_stake) as value_at_stake
    from plan.exception
    where item_id is not null and location_id is not null
    group by item_id, location_id
),
excused as (
    select item_id, location_id, min(code) as issue_code, min_by(detail, code) as issue_detail
    from core.graph_issue
    group by item_id, location_id
)
select
    n.item_id,
    n.location_id,
    n.item_name,
    n.location_name,
    n.category,
    n.cluster,
    n.location_kind,
    n.uom,
    n.is_continuous,
    n.level,
    n.has_demand,
    n.has_money,
    case when n.has_money then n.unit_cost end as unit_cost,
    case when n.has_money then n.unit_price end as unit_price,
    case when n.has_money then n.shortage_cost end as shortage_cost,
    n.shortage_rule,
    n.min_stock_qty,
    w.item_id is not null as is_planned,
    e.issue_code,
    e.issue_detail,
    coalesce(w.method, n.method) as method,
    a.kind as supply_kind,
    a.source_id,
    u.other_source_id,
    u.reason as source_reason,
    case when n.has_money then u.landed_cost end as landed_cost,
    case when n.has_money then u.other_landed_cost end as other_landed_cost,
    u.quota_share,
    coalesce(l.lead_time_days, a.lead_time_days) as lead_time_days,
    l.lead_time_sd_days,
    coalesce(l.source, a.lead_time_source) as lead_time_source,
    a.review_days,
    a.multiple_qty,
    a.min_qty as min_order_qty,
    s.demand_class,
    s.abc_class,
    s.xyz_class,
    case when n.has_money then s.value_year end as value_year,
    p.recorded_on_hand_qty,
    coalesce(r.on_hand_qty, p.recorded_on_hand_qty) as on_hand_qty,
    coalesce(p.on_order_qty, 0) as on_order_qty,
    coalesce(p.backorder_qty, 0) as backorder_qty,
    coalesce(v.undelivered_qty, 0) as undelivered_qty,
    case when n.has_money then greatest(p.recorded_on_hand_qty, 0) * n.unit_cost end as stock_value,
    case when n.has_money then p.on_order_qty * n.unit_cost end as on_order_value,
    coalesce(r.is_ghost, false) as is_ghost,
    coalesce(r.is_negative, false) as is_negative,
    r.ghost_probability,
    q.method as forecast_method,
    q.members as forecast_members,
    q.reason as forecast_reason,
    h.demand_week_qty,
    case when h.demand_week_qty > 0 then 7 * r.on_hand_qty / h.demand_week_qty end as cover_days,
    c.sales_28_qty,
    c.demand_28_qty,
    c.lost_28_qty,
    case when n.has_money then c.lost_28_value end as lost_28_value,
    case when n.has_money then sqrt(coalesce(c.lost_28_qty2, 0)) * n.shortage_cost end as lost_28_sd_value,
    case when n.has_money then c.lost_364_value end as lost_364_value,
    case when n.has_money then sqrt(coalesce(c.lost_364_qty2, 0)) * n.shortage_cost end as lost_364_sd_value,
    case when n.has_money then c.sales_28_qty * n.unit_price end as sales_28_value,
    t.service_target,
    t.fill_target,
    t.target_kind,
    t.protection_qty,
    t.safety_stock_qty,
    k.service_time_days,
    k.net_replenishment_days,
    k.is_decoupling_point,
    t.reorder_point_qty,
    t.order_up_to_qty,
    t.economic_order_qty,
    t.lot_rule,
    case when n.has_money then t.floor_cost_value end as floor_cost_value,
    t.is_last_window,
    t.min_qty,
    t.max_qty,
    t.upstream_delay_days,
    jo.suggested_review_days,
    m.multiple_count as joint_multiple_count,
    m.joint_order_qty,
    t.cover_rate,
    t.supplied_cover_rate,
    t.supplied_fill_rate,
    w.qty as wish_qty,
    w.simple_qty,
    o.qty as order_qty,
    o.order_date,
    o.receipt_date,
    o.need_date,
    coalesce(o.reason_code, w.reason_code) as reason_code,
    coalesce(o.binding_limit, w.binding_limit) as binding_limit,
    w.window_1_qty,
    w.stock_at_arrival_qty,
    w.stock_at_arrival_q10_qty,
    w.need_90_qty,
    w.stockout_probability_before_arrival,
    w.stockout_probability_without,
    w.stockout_probability_with,
    w.expected_lost_without_qty,
    w.expected_lost_with_qty,
    case when n.has_money then w.expected_lost_sales_value_without end as expected_lost_sales_value_without,
    g.first_expiry_date,
    g.first_expiry_qty,
    o.expected_waste_qty,
    case when n.has_money then o.expected_waste_value end as expected_waste_value,
    case when n.has_money then w.expected_lost_with_qty * n.shortage_cost end as expected_lost_sales_value_with,
    coalesce(d.proposal_count, 0) as proposal_count,
    d.action,
    d.new_qty,
    d.new_value,
    d.explanation,
    coalesce(d.hold, false) as hold,
    d.hold_cause,
    coalesce(x.exception_count, 0) as exception_count,
    x.worst_rank,
    x.worst_code,
    case when n.has_money then x.value_at_stake end as value_at_stake
from core.node as n
left join core.arc as a on a.item_id = n.item_id and a.location_id = n.location_id and a.arc_rank = 1
left join core.source_rank as u on u.item_id = n.item_id and u.location_id = n.location_id and u.source_rank = 1
left join core.position as p on p.item_id = n.item_id and p.location_id = n.location_id
left join plan.record as r on r.item_id = n.item_id and r.location_id = n.location_id
left join plan.segment as s on s.item_id = n.item_id and s.location_id = n.location_id
left join plan.lead_time as l on l.item_id = n.item_id and l.location_id = n.location_id
left join plan.parameter as q on q.item_id = n.item_id and q.location_id = n.location_id
left join plan.target as t on t.item_id = n.item_id and t.location_id = n.location_id
left join plan.decoupling as k on k.item_id = n.item_id and k.location_id = n.location_id
left join plan.review_multiple as m on m.item_id = n.item_id and m.location_id = n.location_id
left join plan.supplier_review as jo on jo.source_id = m.source_id and jo.location_id = m.location_id
left join aged as g on g.item_id = n.item_id and g.location_id = n.location_id
left join plan.wish as w on w.item_id = n.item_id and w.location_id = n.location_id
left join plan."order" as o on o.item_id = n.item_id and o.location_id = n.location_id
left join recent as c on c.item_id = n.item_id and c.location_id = n.location_id
left join ahead as h on h.item_id = n.item_id and h.location_id = n.location_id
left join uncertain as v on v.item_id = n.item_id and v.location_id = n.location_id
left join proposed as d on d.item_id = n.item_id and d.location_id = n.location_id
left join trouble as x on x.item_id = n.item_id and x.location_id = n.location_id
left join excused as e on e.item_id = n.item_id and e.location_id = n.location_id
order by n.item_id, n.location_id
