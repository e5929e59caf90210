-- One row per order line still to arrive, and per accepted proposal that the books do not show yet.
-- Lines on hold do not count. A line past due and older than three lead times is lost: it stays visible, uncounted.
-- A decision counts for 7 days (one without a day until 7 days after the goods are due), as the ERP order it became,
-- else under its proposal id. It is due when its proposal would arrive, unless the decision names a day. A decision to
-- change an order counts as long, while the books still show the order as it was when the change was proposed.
with received as (
    select order_id, line_id, exact_sum(qty) as qty
    from staging.receipt
    group by order_id, line_id
),
decided as (
    select
        proposal.*,
        coalesce(decision.qty, proposal.qty) as new_qty,
        coalesce(decision.date, proposal.receipt_date) as new_date,
        decision.status,
        decision.erp_order_id,
        decision."at"
    from staging.acknowledge as decision
    join core.previous_proposal as proposal on proposal.proposal_id = decision.proposal_id
    where decision.status in ('accepted', 'edited')
        and as_of() - coalesce(decision."at", decision.date, proposal.receipt_date, proposal.need_date) <= 7
),
resized as (
    select existing_order_id as order_id, existing_line_id as line_id, old_qty, new_qty, status
    from decided
    where action in ('INCREASE', 'DECREASE', 'CANCEL')
    qualify row_number() over (
        partition by existing_order_id, existing_line_id, old_qty order by "at" desc nulls last, proposal_id
    ) = 1
),
moved as (
    select existing_order_id as order_id, existing_line_id as line_id, old_date, new_date, status
    from decided
    where action in ('EXPEDITE', 'DEFER')
    qualify row_number() over (
        partition by existing_order_id, existing_line_id, old_date order by "at" desc nulls last, proposal_id
    ) = 1
),
listed as (
    select
        open_order.order_id,
        open_order.line_id,
        open_order.kind,
        open_order.item_id,
        open_order.location_id,
        open_order.source_id,
        coalesce(open_order.open_qty, open_order.qty - coalesce(received.qty, 0)) as open_qty,
        open_order.order_date,
        open_order.due_date,
        coalesce(open_order.status, 'firm') as status
    from staging.open_order as open_order
    left join received using (order_id, line_id)
    where open_order.kind <> 'sales' and coalesce(open_order.status, 'firm') <> 'hold'
),
booked as (
    select
        listed.* replace (
            coalesce(resized.new_qty, listed.open_qty) as open_qty,
            coalesce(moved.new_date, listed.due_date) as due_date,
            coalesce(resized.status, moved.status, listed.status) as status
        )
    from listed
    left join resized
        on resized.order_id = listed.order_id
        and resized.line_id = listed.line_id
        and not differs(resized.old_qty, listed.open_qty)
    left join moved
        on moved.order_id = listed.order_id and moved.line_id = listed.line_id and moved.old_date = listed.due_date
),
unbooked as (
    select
        coalesce(decided.erp_order_id, decided.proposal_id) as order_id,
        decided.proposal_id as line_id,
        decided.kind,
        decided.item_id,
        decided.location_id,
        decided.source_id,
        decided.new_qty as open_qty,
        decided."at" as order_date,
        coalesce(decided.new_date, decided.need_date) as due_date,
        decided.status
    from decided
    where decided.action = 'NEW'
        and not exists (
            from staging.open_order as open_order
            where open_order.order_id in (decided.erp_order_id, decided.proposal_id)
        )
),
open_line as (
    from booked
    union all
    from unbooked
),
-- the lead time of the line's own source, else of the source in use
lead_time as (
    select item_id, location_id, source_id, min(lead_time_days) as lead_time_days
    from core.arc
    group by item_id, location_id, source_id
),
aged as (
    select
        open_line.*,
        open_line.due_date <= as_of() as is_past_due,
        coalesce(lead_time.lead_time_days, arc_in_use.lead_time_days, night.lead_time_days) as lead_time_days
    from open_line
    left join lead_time
        on lead_time.item_id = open_line.item_id
        and lead_time.location_id = open_line.location_id
        and lead_time.source_id = open_line.source_id
    left join core.arc as arc_in_use
        on arc_in_use.item_id = open_line.item_id
        and arc_in_use.location_id = open_line.location_id
        and arc_in_use.arc_rank = 1
    cross join meta.night as night
    where open_line.open_qty > 0
)
select
    order_id,
    line_id,
    kind,
    item_id,
    location_id,
    source_id,
    open_qty,
    order_date,
    due_date,
    status,
    is_past_due,
    -- a lead time below a day is read as one; a line without order date was placed one lead time before it was due
    is_past_due
    and as_of() - coalesce(order_date, due_date - ceil(lead_time_days)::integer)
        > 3 * greatest(lead_time_days, 1) as is_lost
from aged
order by order_id, line_id
