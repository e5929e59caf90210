-- One row per source of a node that has several for tonight: what a unit of it costs all told, its quota, its place.
-- Sources with priority 0 and those of nodes that pass their need on are for people only. Ranked by stated priority (unstated last); of equal ones those with a
-- quota by how far they are behind it this year, then by landed cost: price, what ordering costs, and demand that is
-- expected to be lost until it could arrive, spread over a usual order. Demand and stock are those of the location and
-- of all it supplies, the last 13 weeks; demand of production is not known here.
with recursive way as (
    select
        sourcing.*,
        case sourcing.kind when 'buy' then 'purchase' when 'move' then 'transfer' else 'production' end as order_kind
    from staging.sourcing as sourcing
    join core.node_key as node_key
        on node_key.item_id = sourcing.item_id and node_key.location_id = sourcing.location_id
    anti join core.pass_through as pass
        on pass.item_id = sourcing.item_id and pass.location_id = sourcing.location_id
    where is_valid_on(order_day(), sourcing.valid_from, sourcing.valid_to) and coalesce(sourcing.priority, 1) <> 0
    qualify count(*) over (partition by sourcing.item_id, sourcing.location_id) > 1
),
member(item_id, location_id, member_id) as (
    select distinct item_id, location_id, location_id from way
    union
    select member.item_id, member.location_id, lane.location_id
    from member
    join staging.sourcing as lane
        on lane.item_id = member.item_id and lane.source_id = member.member_id and lane.kind = 'move'
    where is_valid_on(order_day(), lane.valid_from, lane.valid_to) and coalesce(lane.priority, 1) <> 0
),
sold as (
    select
        history.item_id,
        history.location_id,
        exact_sum(history.sales_qty) as qty,
        exact_sum(history.sales_qty * history.sales_qty) as qty2,
        sum(bucket.bucket_days) as days,
        count(*) as buckets
    from core.demand_history as history
    join core.bucket as bucket using (bucket_index)
    where bucket.bucket_start > as_of() - 91
    group by history.item_id, history.location_id
),
stored as (
    select item_id, location_id, greatest(arg_max(on_hand_qty, date), 0) as qty
    from staging.stock
    where on_hand_qty is not null
    group by item_id, location_id
),
echelon as (
    select
        member.item_id,
        member.location_id,
        exact_sum(greatest(sold.qty, 0) / sold.days) as day_qty,
        exact_sum(greatest(sold.qty2 - sold.qty * sold.qty / sold.buckets, 0) / sold.days) as day_variance_qty2,
        coalesce(exact_sum(stored.qty), 0) as on_hand_qty
    from member
    left join sold on sold.item_id = member.item_id and sold.location_id = member.member_id
    left join stored on stored.item_id = member.item_id and stored.location_id = member.member_id
    group by member.item_id, member.location_id
),
received as (
    select order_id, line_id, exact_sum(qty) as qty
    from staging.receipt
    group by order_id, line_id
),
line as (
    select
        open_order.item_id,
        open_order.location_id,
        open_order.kind,
        open_order.source_id,
        open_order.due_date,
        coalesce(open_order.order_date, open_order.due_date) as order_date,
        coalesce(open_order.status, 'firm') = 'hold' as is_held,
        coalesce(received.qty, 0) as received_qty,
        greatest(coalesce(open_order.open_qty, open_order.qty - coalesce(received.qty, 0)), 0) as open_qty
    from staging.open_order as open_order
    left join received using (order_id, line_id)
    where open_order.kind <> 'sales'
),
taken as (
    select item_id, location_id, kind, source_id, exact_sum(received_qty + open_qty) as qty
    from line
    where order_date >= date_trunc('year', order_day())
    group by item_id, location_id, kind, source_id
),
wait as (
    select calendar_id, min(date) - order_day() as days
    from core.calendar_day
    where is_open and date >= order_day()
    group by calendar_id
),
way_count as (
    select location_id, source_id, count(*) as items
    from staging.sourcing
    where kind = 'buy' and is_valid_on(order_day(), valid_from, valid_to)
    group by location_id, source_id
),
described as (
    select
        way.item_id,
        way.location_id,
        way.kind,
        way.source_id,
        way.order_kind,
        way.priority,
        case when way.share > 0 then way.share end as share,
        coalesce(way.lead_time_days, supplier.lead_time_days, night.lead_time_days) + coalesce(wait.days, 0)
            as arrival_days,
        coalesce(nullif(way.unit_cost, 0), item.unit_cost) as stated_cost,
        way.unit_cost > 0 as is_stated,
        greatest(
            coalesce(echelon.day_qty, 0) * coalesce(policy.review_days, way.review_days, night.review_days),
            coalesce(way.min_qty, 0),
            coalesce(way.multiple_qty, 0),
            1
        ) as lot_qty,
        coalesce(way.order_cost, night.order_cost) + coalesce(supplier.order_cost, 0) / coalesce(way_count.items, 1)
            as order_cost,
        coalesce(
            policy.shortage_cost,
            case
                when item.cost_source in ('input', 'from_sales') and item.price_source in ('input', 'from_sales')
                    then greatest(item.unit_price - item.unit_cost, 0)
                else night.margin_share * item.unit_price
            end
        ) as shortage_cost,
        coalesce(echelon.day_qty, 0) as day_qty,
        coalesce(echelon.day_variance_qty2, 0) as day_variance_qty2,
        coalesce(echelon.on_hand_qty, 0) as on_hand_qty
    from way
    join core.item as item on item.item_id = way.item_id
    join core.node_policy as policy on policy.item_id = way.item_id and policy.location_id = way.location_id
    left join echelon on echelon.item_id = way.item_id and echelon.location_id = way.location_id
    left join staging.supplier as supplier on way.kind = 'buy' and supplier.supplier_id = way.source_id
    left join wait on wait.calendar_id = supplier.order_calendar_id
    left join way_count
        on way.kind = 'buy' and way_count.location_id = way.location_id and way_count.source_id = way.source_id
    cross join meta.night as night
),
priced as (
    select
        described.*,
        case
            when described.kind <> 'buy' then described.stated_cost
            when described.is_stated then least(described.stated_cost, coalesce(bracket.unit_cost, described.stated_cost))
            else coalesce(bracket.unit_cost, described.stated_cost)
        end as unit_cost
    from described
    left join lateral (
        select coalesce(min(price_break.unit_cost) filter (where price_break.min_qty <= described.lot_qty),
            arg_min(price_break.unit_cost, price_break.min_qty)) as unit_cost
        from staging.price_break as price_break
        where price_break.item_id = described.item_id
            and price_break.supplier_id = described.source_id
            and price_break.unit_cost > 0
    ) as bracket on true
),
covered as (
    select
        priced.item_id,
        priced.location_id,
        priced.kind,
        priced.source_id,
        exact_sum(line.open_qty) as coming_qty
    from priced
    join line
        on line.item_id = priced.item_id
        and line.location_id = priced.location_id
        and not line.is_held
        and line.due_date < order_day() + ceil(priced.arrival_days)::integer
        and line.order_date > as_of() - 3 * greatest(ceil(priced.arrival_days)::integer, 1)
    group by priced.item_id, priced.location_id, priced.kind, priced.source_id
),
expected as (
    select
        priced.*,
        priced.day_qty * priced.arrival_days as mean_qty,
        sqrt(priced.day_variance_qty2 * priced.arrival_days) as sd_qty,
        priced.on_hand_qty + coalesce(covered.coming_qty, 0) as there_qty
    from priced
    left join covered using (item_id, location_id, kind, source_id)
),
-- Expected shortage of a normal demand by the logistic law of its shape: sd ln(1 + exp(-1.702 z)) / 1.702.
short as (
    select
        *,
        case
            when sd_qty > 0 and there_qty - mean_qty > 20 * sd_qty then 0
            when sd_qty > 0 and there_qty - mean_qty > -20 * sd_qty
                then sd_qty * ln(1 + exp(-1.702 * (there_qty - mean_qty) / sd_qty)) / 1.702
            else greatest(mean_qty - there_qty, 0)
        end as shortage_qty
    from expected
),
quota as (
    select
        short.*,
        coalesce(taken.qty, 0) as taken_qty,
        share / sum(share) over (partition by short.item_id, short.location_id) as quota_share,
        sum(case when share > 0 then coalesce(taken.qty, 0) else 0 end)
            over (partition by short.item_id, short.location_id)
        + max(lot_qty) over (partition by short.item_id, short.location_id) as quota_qty
    from short
    left join taken
        on taken.item_id = short.item_id
        and taken.location_id = short.location_id
        and taken.kind = short.order_kind
        and taken.source_id = short.source_id
),
shared_out as (
    select
        *,
        round(order_cost / lot_qty, 6) as order_share_cost,
        round(shortage_cost * shortage_qty / lot_qty, 6) as shortage_share_cost,
        round(quota_share * quota_qty - taken_qty, 6) as behind_qty
    from quota
),
-- The sum of the rounded parts: rounded on its own it could differ from what is shown.
costed as (
    select *, round(unit_cost + order_share_cost + shortage_share_cost, 6) as landed_cost
    from shared_out
),
ranked as (
    select
        *,
        row_number() over (
            partition by item_id, location_id
            order by priority nulls last, behind_qty desc nulls last, landed_cost, source_id, kind
        ) as source_rank
    from costed
),
compared as (
    select
        ranked.*,
        other.priority as other_priority,
        other.source_id as other_source_id,
        other.landed_cost as other_landed_cost,
        coalesce(ranked.share, other.share) as quoted_share
    from ranked
    join ranked as other
        on other.item_id = ranked.item_id
        and other.location_id = ranked.location_id
        and other.source_rank = case when ranked.source_rank = 1 then 2 else 1 end
)
select
    item_id,
    location_id,
    kind,
    source_id,
    source_rank::integer as source_rank,
    case
        when priority is distinct from other_priority then 'priority'
        when quoted_share > 0 then 'quota'
        else 'cost'
    end as reason,
    other_source_id,
    priority::integer as priority,
    unit_cost::double as unit_cost,
    order_share_cost::double as order_share_cost,
    shortage_share_cost::double as shortage_share_cost,
    landed_cost::double as landed_cost,
    other_landed_cost::double as other_landed_cost,
    arrival_days::double as arrival_days,
    quota_share::double as quota_share,
    taken_qty::double as taken_qty,
    behind_qty::double as behind_qty
from compared
order by item_id, location_id, kind, source_id
