-- One row per listed node and closed bucket: what was sold, received and left, and how much of it the node was open.
-- Returns that name an earlier order are taken off the day of that sale, others are no demand; projects are no everyday
-- demand and move stock alone. Sales dated by a coarser grain than the bucket are spread evenly over the open days of
-- their period. Stock is the bucket's last snapshot; between snapshots the ledger carries it forward (receipts less
-- sales), if receipts are handed in at all; if not, they are inferred from stock that rose between two snapshots. A
-- bucket in which the node is closed has a row only if it sold all the same.
with night as (
    select *, source_grain_days > bucket_days as is_spread, bucket_days = 1 as is_daily
    from meta.night
),
node as (
    select
        node_key.node_index,
        node_key.item_id,
        node_key.location_id,
        node_key.listed_from,
        coalesce(node_key.listed_to, date '9999-12-31') as listed_to,
        location.calendar_id
    from core.node_key as node_key
    join core.location as location on location.location_id = node_key.location_id
    where node_key.listed_from is not null
),
bucket as (
    select bucket_index, bucket_start, bucket_end, bucket_days
    from core.bucket
    where bucket_index < 0
),
day as (
    select bucket_index, unnest(range(bucket_start, bucket_end + 1, interval 1 day))::date as date
    from bucket
),
-- sales ----------------------------------------------------------------------------------------------------------
line as (
    select
        node.node_index,
        sales.date,
        sales.qty,
        sales.order_id,
        sales.qty > 0 and project_line.item_id is not null as is_project
    from staging.sales as sales
    join node using (item_id, location_id)
    left join core.project_line as project_line
        on project_line.item_id = sales.item_id
        and project_line.location_id = sales.location_id
        and project_line.date = sales.date
        and project_line.customer_id = coalesce(sales.customer_id, '-')
        and project_line.order_id = coalesce(sales.order_id, '-')
),
returned as (
    select node_index, order_id, date, exact_sum(-qty) as qty
    from line
    where qty < 0 and order_id is not null
    group by node_index, order_id, date
),
sold_before_return as (
    select node_index, order_id, date, exact_sum(qty) as qty
    from line
    where qty > 0
        and not is_project
        and order_id is not null
        and (node_index, order_id) in (select (node_index, order_id) from returned)
    group by node_index, order_id, date
),
matched_return as (
    select sale.node_index, sale.date, least(any_value(sale.qty), exact_sum(returned.qty)) as qty
    from returned
    asof join sold_before_return as sale
        on sale.node_index = returned.node_index and sale.order_id = returned.order_id and sale.date <= returned.date
    group by sale.node_index, sale.order_id, sale.date
),
flow as (
    select node_index, date, case when is_project then 0 else greatest(qty, 0) end as wanted_qty, qty as moved_qty
    from line
    union all
    select node_index, date, -qty, 0
    from matched_return
),
period as (
    select
        node_index,
        date as first_day,
        least(case source_grain_days when 30 then last_day(date) else date + 6 end, as_of) as last_day,
        exact_sum(wanted_qty) as wanted_qty,
        exact_sum(moved_qty) as moved_qty
    from flow
    cross join night
    where is_spread
    group by all
),
period_day as (
    select period.*, unnest(range(first_day, last_day + 1, interval 1 day))::date as date
    from period
),
weighed_day as (
    select
        period_day.*,
        coalesce(calendar_day.is_open, true)::integer as open_weight,
        sum(open_weight) over period as open_days,
        case when open_days > 0 then open_weight / open_days else 1 / count(*) over period end as weight
    from period_day
    join node on node.node_index = period_day.node_index
    left join core.calendar_day as calendar_day
        on calendar_day.calendar_id = node.calendar_id and calendar_day.date = period_day.date
    window period as (partition by period_day.node_index, first_day)
),
dated_flow as (
    select flow.node_index, day.bucket_index, flow.date, flow.wanted_qty, flow.moved_qty
    from flow
    join day on day.date = flow.date
    where not (select is_spread from night)
    union all
    select weighed_day.node_index, day.bucket_index, weighed_day.date, wanted_qty * weight, moved_qty * weight
    from weighed_day
    join day on day.date = weighed_day.date
),
sold as (
    select node_index, bucket_index, greatest(exact_sum(wanted_qty), 0) as sales_qty, exact_sum(moved_qty) as moved_qty
    from dated_flow
    group by node_index, bucket_index
),
-- receipts and stock ---------------------------------------------------------------------------------------------
received_day as (
    select node.node_index, day.bucket_index, day.date, receipt.qty
    from staging.receipt as receipt
    join staging.open_order as open_order using (order_id, line_id)
    join node using (item_id, location_id)
    join day on day.date = receipt.date
    where open_order.kind <> 'sales'
),
received as (
    select node_index, bucket_index, exact_sum(qty) as receipt_qty
    from received_day
    group by node_index, bucket_index
),
stock_day as (
    select node.node_index, day.bucket_index, day.date, stock.on_hand_qty, stock.in_stock_share
    from staging.stock as stock
    join node using (item_id, location_id)
    join day on day.date = stock.date
),
-- stock of weeks: the last snapshot, the share of days in stock, and what moved after the snapshot -------------------
stock_in_week as (
    from stock_day
    where not (select is_daily from night)
),
flow_in_week as (
    select node_index, bucket_index, date, wanted_qty, -moved_qty as net_qty
    from dated_flow
    where not (select is_daily from night)
    union all
    select node_index, bucket_index, date, 0, qty
    from received_day
    where not (select is_daily from night)
),
sold_out_day as (
    select stock.node_index, stock.date, max(flow.wanted_qty) > 0 as has_sold
    from stock_in_week as stock
    join flow_in_week as flow on flow.node_index = stock.node_index and flow.date = stock.date
    where stock.on_hand_qty <= 0
    group by stock.node_index, stock.date
),
-- a day that sold out counts half; sales by the week do not say on which day, but stock the evening before does
share_of_day as (
    select
        stock.node_index,
        stock.date,
        case
            when stock.on_hand_qty > 0 then 1
            when sold_out_day.has_sold then 0.5
            when night.source_grain_days > 1
                and lag(stock.on_hand_qty) over (partition by stock.node_index order by stock.date) > 0 then 0.5
            else 0
        end as share
    from stock_in_week as stock
    cross join night
    join node on node.node_index = stock.node_index
    left join sold_out_day on sold_out_day.node_index = stock.node_index and sold_out_day.date = stock.date
    left join core.calendar_day as calendar_day
        on calendar_day.calendar_id = node.calendar_id and calendar_day.date = stock.date
    where stock.on_hand_qty is not null and coalesce(calendar_day.is_open, true)
),
week_of_stock as (
    select
        stock.node_index,
        stock.bucket_index,
        max(case when stock.on_hand_qty is not null then stock.date end) as snapshot_date,
        arg_max(stock.on_hand_qty, stock.date) as on_hand_qty,
        exact_sum(stock.in_stock_share) / count(stock.in_stock_share) as reported_share,
        exact_sum(share_of_day.share) / nullif(count(share_of_day.share), 0) as daily_share,
        count(stock.on_hand_qty) as snapshot_days
    from stock_in_week as stock
    left join share_of_day on share_of_day.node_index = stock.node_index and share_of_day.date = stock.date
    group by stock.node_index, stock.bucket_index
),
late_move as (
    select week.node_index, week.bucket_index, exact_sum(flow.net_qty) as qty
    from week_of_stock as week
    join flow_in_week as flow
        on flow.node_index = week.node_index
        and flow.bucket_index = week.bucket_index
        and flow.date > week.snapshot_date
    group by week.node_index, week.bucket_index
),
ledger_rule as (
    select
        (select count(*) from received) > 0 as has_receipts,
        -- a snapshot dated by a period, not by a day, is the close of that period
        (select source_grain_days from night) = 1 as is_dated_by_day
),
snapshot as (
    select node_index, bucket_index, on_hand_qty, in_stock_share
    from stock_day
    where (select is_daily from night)
    union all
    select
        week.node_index,
        week.bucket_index,
        week.on_hand_qty
        + case when ledger_rule.has_receipts and ledger_rule.is_dated_by_day then coalesce(late_move.qty, 0) else 0 end,
        -- the share by daily stock needs stock recorded on most of the week's days
        coalesce(
            week.reported_share,
            case when week.snapshot_days >= 4 then week.daily_share end
        )
    from week_of_stock as week
    left join late_move on late_move.node_index = week.node_index and late_move.bucket_index = week.bucket_index
    cross join ledger_rule
),
-- opening hours --------------------------------------------------------------------------------------------------
calendar_closed as (
    select calendar_day.calendar_id, day.bucket_index, count(*) as closed_days
    from core.calendar_day as calendar_day
    join day on day.date = calendar_day.date
    where not calendar_day.is_open
    group by calendar_day.calendar_id, day.bucket_index
),
closure as (
    select node.node_index, event_bucket.bucket_index, count(distinct day.date) as closed_days
    from core.event_bucket as event_bucket
    join staging.event as event on event.event_id = event_bucket.event_id
    join node on node.item_id = event_bucket.item_id and node.location_id = event_bucket.location_id
    join day on day.bucket_index = event_bucket.bucket_index and day.date between event.start_date and event.end_date
    left join core.calendar_day as calendar_day
        on calendar_day.calendar_id = node.calendar_id and calendar_day.date = day.date
    where event_bucket.kind = 'closure' and coalesce(calendar_day.is_open, true)
    group by node.node_index, event_bucket.bucket_index
),
-- one row per listed bucket, closed or not -----------------------------------------------------------------------
listed as (
    select
        node.node_index,
        node.calendar_id,
        bucket.bucket_index,
        bucket.bucket_start,
        bucket.bucket_days,
        (least(bucket.bucket_end, node.listed_to) - greatest(bucket.bucket_start, node.listed_from) + 1)
        / bucket.bucket_days as listed_share
    from node
    cross join bucket
    where bucket.bucket_end >= node.listed_from and bucket.bucket_start <= node.listed_to
),
filled as (
    select
        listed.node_index,
        listed.bucket_index,
        listed.bucket_start,
        coalesce(sold.sales_qty, 0) as sales_qty,
        coalesce(received.receipt_qty, 0) as receipt_qty,
        coalesce(received.receipt_qty, 0) - coalesce(sold.moved_qty, 0) as net_qty,
        snapshot.on_hand_qty as snapshot_qty,
        snapshot.in_stock_share,
        listed.listed_share
        * greatest(0, bucket_days - coalesce(calendar_closed.closed_days, 0) - coalesce(closure.closed_days, 0))
        / bucket_days as open_share
    from listed
    left join sold on sold.node_index = listed.node_index and sold.bucket_index = listed.bucket_index
    left join received on received.node_index = listed.node_index and received.bucket_index = listed.bucket_index
    left join snapshot on snapshot.node_index = listed.node_index and snapshot.bucket_index = listed.bucket_index
    left join closure on closure.node_index = listed.node_index and closure.bucket_index = listed.bucket_index
    left join calendar_closed
        on calendar_closed.calendar_id = listed.calendar_id and calendar_closed.bucket_index = listed.bucket_index
),
run_up as (
    select
        *,
        sum(net_qty::decimal(38, 6)) over so_far::double as moved_so_far,
        lag(snapshot_qty) over so_far as previous_snapshot_qty
    from filled
    window so_far as (partition by node_index order by bucket_index rows unbounded preceding)
),
anchored as (
    select
        *,
        last_value(snapshot_qty - moved_so_far ignore nulls) over until_now as anchor_qty,
        last_value(snapshot_qty - moved_so_far ignore nulls) over until_before as previous_anchor_qty
    from run_up
    window
        until_now as (partition by node_index order by bucket_index rows unbounded preceding),
        until_before as (
            partition by node_index order by bucket_index rows between unbounded preceding and 1 preceding
        )
),
closed as (
    select
        anchored.*,
        case
            when previous_snapshot_qty is not null then previous_snapshot_qty
            when ledger_rule.has_receipts then round(previous_anchor_qty + moved_so_far - net_qty, 6)
        end as opening_qty,
        case
            when snapshot_qty is not null then snapshot_qty
            when ledger_rule.has_receipts then round(anchor_qty + moved_so_far, 6)
        end as closing_qty,
        case
            when ledger_rule.has_receipts then receipt_qty
            -- without a table of receipts, stock that rose all the same was received
            else greatest(0, coalesce(round(snapshot_qty - previous_snapshot_qty - net_qty, 6), 0))
        end as inferred_receipt_qty
    from anchored
    cross join ledger_rule
)
select
    node.item_id,
    node.location_id,
    closed.bucket_index,
    closed.bucket_start,
    closed.sales_qty,
    closed.opening_qty,
    closed.inferred_receipt_qty as receipt_qty,
    closed.closing_qty,
    closed.in_stock_share,
    closed.open_share
from closed
join node on node.node_index = closed.node_index
where closed.open_share > 0 or closed.sales_qty > 0
order by closed.node_index, closed.bucket_index
