-- Grain: one row a node with excess or dead stock, and the first of its causes that is true: a pack or minimum larger than
-- what may lie there; a forecast that fell since the last order, by half of what is too much; an order that came before
-- the stock beside it was near its end by more than a review; an order that no night proposed; the shelf floor; an end of
-- the listing or of the season; the same order twice within a review. Demand at the time of an order is what a night then
-- promised for it, else that of the eight weeks before, both turned to the season ahead.
with last_order as (
    select
        line.item_id,
        line.location_id,
        line.order_id,
        line.order_date,
        line.due_date,
        line.ordered_qty,
        case when line.is_received then line.order_date + cast(round(line.delay_days) as integer) end as arrival_date
    from core.receipt_line as line
    join plan.excess as excess on excess.item_id = line.item_id and excess.location_id = line.location_id
    qualify row_number() over (
        partition by line.item_id, line.location_id order by line.order_date desc, line.order_id desc, line.line_id desc
    ) = 1
),
past as (
    select
        last_order.item_id,
        last_order.location_id,
        exact_sum(demand.demand_qty) / sum(bucket.bucket_days) as day_qty
    from last_order
    join plan.demand as demand on demand.item_id = last_order.item_id and demand.location_id = last_order.location_id
    join core.bucket as bucket on bucket.bucket_index = demand.bucket_index
    where
        demand.demand_qty is not null
        and bucket.bucket_end < last_order.order_date
        and bucket.bucket_start >= last_order.order_date - 56
    group by last_order.item_id, last_order.location_id
),
promised as (
    select
        promise.item_id,
        promise.location_id,
        promise.window_start,
        promise.expected_demand_qty / (promise.window_end - promise.window_start + 1) as day_qty
    from core.previous_promise as promise
    join last_order on last_order.item_id = promise.item_id and last_order.location_id = promise.location_id
    left join core.arc as arc
        on arc.item_id = promise.item_id and arc.location_id = promise.location_id and arc.arc_rank = 1
    where
        promise.window_start >= last_order.order_date
        and promise.window_start <= last_order.due_date + cast(ceil(coalesce(arc.review_days, 0)) as integer)
    qualify row_number() over (
        partition by promise.item_id, promise.location_id order by promise.window_start, promise.proposal_id
    ) = 1
),
nights as (
    select least(
        (select min(as_of) from core.previous_steadiness),
        (select min(window_start) from core.previous_promise)
    ) as first_day
),
week_index as (
    select category, cluster, position as week, index_rate
    from plan.season
    where position_kind = 'week'
),
season as (
    select
        excess.item_id,
        excess.location_id,
        exact_sum(case when bucket.bucket_index >= 0 then week_index.index_rate * bucket.bucket_days end)
        / nullif(sum(case when bucket.bucket_index >= 0 then bucket.bucket_days end), 0) as ahead_rate,
        exact_sum(case when bucket.bucket_index < 0 then week_index.index_rate * bucket.bucket_days end)
        / nullif(sum(case when bucket.bucket_index < 0 then bucket.bucket_days end), 0) as then_rate
    from plan.excess as excess
    join core.node as node on node.item_id = excess.item_id and node.location_id = excess.location_id
    join last_order on last_order.item_id = excess.item_id and last_order.location_id = excess.location_id
    left join promised on promised.item_id = excess.item_id and promised.location_id = excess.location_id
    cross join meta.night as night
    join core.bucket as bucket
        on bucket.bucket_start between night.as_of + 1 and night.as_of + cast(ceil(excess.cover_days) as integer)
        or (
            bucket.bucket_index < 0
            and bucket.bucket_start >= coalesce(promised.window_start, last_order.order_date - 56)
            and bucket.bucket_start < coalesce(promised.window_start + 28, last_order.order_date)
        )
    join week_index
        on week_index.category = node.category
        and week_index.cluster = node.cluster
        and week_index.week = bucket.season_week
    group by excess.item_id, excess.location_id
),
before_arrival as (
    select
        last_order.item_id,
        last_order.location_id,
        arg_max(history.closing_qty, history.bucket_index) as left_qty
    from last_order
    join core.demand_history as history
        on history.item_id = last_order.item_id and history.location_id = last_order.location_id
    join core.bucket as bucket on bucket.bucket_index = history.bucket_index
    where bucket.bucket_end < last_order.arrival_date and history.closing_qty is not null
    group by last_order.item_id, last_order.location_id
),
too_early as (
    select distinct item_id, location_id
    from plan.proposal
    where action = 'DEFER'
),
twice as (
    select distinct last_order.item_id, last_order.location_id
    from last_order
    join core.receipt_line as line
        on line.item_id = last_order.item_id
        and line.location_id = last_order.location_id
        and line.order_id <> last_order.order_id
        and line.ordered_qty = last_order.ordered_qty
    join core.arc as arc
        on arc.item_id = last_order.item_id and arc.location_id = last_order.location_id and arc.arc_rank = 1
    where last_order.order_date - line.order_date < arc.review_days
),
fact as (
    select
        excess.*,
        node.item_name,
        node.location_name,
        node.category,
        node.listed_to,
        night.as_of,
        last_order.order_id,
        last_order.order_date,
        last_order.arrival_date,
        greatest(coalesce(arc.multiple_qty, 0), coalesce(arc.min_qty, 0)) as lot_qty,
        coalesce(promised.day_qty, past.day_qty) as then_day_qty,
        coalesce(season.ahead_rate / nullif(season.then_rate, 0), 1) as season_rate,
        coalesce(promised.day_qty, past.day_qty)
        * coalesce(season.ahead_rate / nullif(season.then_rate, 0), 1)
        * excess.cover_days as then_qty,
        arc.review_days,
        before_arrival.left_qty - greatest(coalesce(target.safety_stock_qty, 0), 0) as left_above_qty,
        too_early.item_id is not null as is_deferred,
        last_order.order_date > nights.first_day and promised.item_id is null as is_unproposed,
        coalesce(target.shelf_floor_qty, 0) as floor_qty,
        twice.item_id is not null as is_twice
    from plan.excess as excess
    join core.node as node on node.item_id = excess.item_id and node.location_id = excess.location_id
    cross join meta.night as night
    cross join nights
    left join core.arc as arc
        on arc.item_id = excess.item_id and arc.location_id = excess.location_id and arc.arc_rank = 1
    left join plan.target as target on target.item_id = excess.item_id and target.location_id = excess.location_id
    left join last_order on last_order.item_id = excess.item_id and last_order.location_id = excess.location_id
    left join past on past.item_id = excess.item_id and past.location_id = excess.location_id
    left join promised on promised.item_id = excess.item_id and promised.location_id = excess.location_id
    left join season on season.item_id = excess.item_id and season.location_id = excess.location_id
    left join before_arrival
        on before_arrival.item_id = excess.item_id and before_arrival.location_id = excess.location_id
    left join too_early on too_early.item_id = excess.item_id and too_early.location_id = excess.location_id
    left join twice on twice.item_id = excess.item_id and twice.location_id = excess.location_id
)
select
    item_id,
    location_id,
    item_name,
    location_name,
    category,
    code,
    case
        when lot_qty > greatest(kept_qty, 1) and (code = 'EXCESS' or position_qty <= lot_qty) then 'pack_or_minimum'
        when coalesce(listed_to > as_of, true) and then_qty - mean_qty >= 0.5 * qty then 'forecast_fell'
        when is_deferred or left_above_qty > review_days * then_day_qty then 'order_early'
        when is_unproposed then 'manual_order'
        when floor_qty > 0 and floor_qty >= kept_qty then 'shelf_floor'
        when listed_to <= as_of then 'season_ended'
        when season_rate < 0.5 and (then_qty / season_rate) - mean_qty >= 0.5 * qty then 'season_ended'
        when is_twice then 'duplicate_order'
        else 'other'
    end as cause,
    position_qty,
    kept_qty,
    qty,
    value,
    cover_days,
    mean_qty,
    then_qty,
    lot_qty,
    order_id,
    order_date
from fact
order by item_id, location_id
