-- One row per valid way to supply a node tonight; rank 1 is the one in use, rank 0 (priority 0) is for people only.
-- Where a node has several, core.source_rank says why they stand in their order. A node without any sourcing line of an item that has
-- none anywhere is bought from a made-up supplier, `unknown`, so that it can be planned at all. A node that passes its
-- need on (core.pass_through) does so at once over an arc `pass` to its own place; its other ways are for people only.
-- Least and largest quantities are whole packs: the least rounded up, the largest rounded down. Orders of an item that
-- is not approved yet wait for its approval; what is approved beyond the horizon is not planned at all, so nothing waits
-- for it.
with stated as (
    select *
    from staging.sourcing
    where is_valid_on(order_day(), valid_from, valid_to)
),
made_up as (
    select node_key.item_id, node_key.location_id
    from core.node_key as node_key
    where not exists (from staging.sourcing as sourcing where sourcing.item_id = node_key.item_id)
        and not exists (
            from core.pass_through as pass
            where pass.item_id = node_key.item_id and pass.location_id = node_key.location_id
        )
),
way as (
    select
        item_id, location_id, kind, source_id, lead_time_days, review_days, min_qty, multiple_qty, max_qty, unit_cost,
        order_cost,
        case when exists (
            from core.pass_through as pass where pass.item_id = stated.item_id and pass.location_id = stated.location_id
        ) then 0 else priority end as priority,
        false as is_default
    from stated
    union all
    select item_id, location_id, 'buy', 'unknown', null, null, null, null, null, null, null, null, true
    from made_up
    union all
    select item_id, location_id, 'pass', location_id, 0, 0, 0, null, null, null, 0, 1, false
    from core.pass_through
),
bracket_cost as (
    select
        item_id,
        supplier_id,
        arg_min(unit_cost, min_qty) as unit_cost
    from staging.price_break
    group by item_id, supplier_id
),
open_day as (
    select calendar_id, date - order_day() as day
    from core.calendar_day
    where is_open and date >= order_day()
),
-- Each order lasts until the next one can be placed: a holiday in the slots lengthens the gap before it. A stated
-- review time is the least there is between two of them.
spacing as (
    select distinct
        supplier.order_calendar_id,
        coalesce(policy.review_days, way.review_days, 0) as least_days
    from way
    join core.node_policy as policy on policy.item_id = way.item_id and policy.location_id = way.location_id
    join staging.supplier as supplier on way.kind = 'buy' and supplier.supplier_id = way.source_id
    where supplier.order_calendar_id is not null
),
slot as (
    with recursive next_slot as (
        select spaced.order_calendar_id, spaced.least_days, 0 as slot, min(open_day.day) as day
        from spacing as spaced
        join open_day on open_day.calendar_id = spaced.order_calendar_id
        group by spaced.order_calendar_id, spaced.least_days
        union all
        select before.order_calendar_id, before.least_days, before.slot + 1, min(open_day.day)
        from next_slot as before
        join open_day
            on open_day.calendar_id = before.order_calendar_id
            and open_day.day >= before.day + greatest(before.least_days, 1)
        where before.slot < 6
        group by before.order_calendar_id, before.least_days, before.slot
    )
    select *, lead(day) over (partition by order_calendar_id, least_days order by slot) - day as gap_days
    from next_slot
),
slot_gap as (
    select
        order_calendar_id,
        least_days,
        min(day) as wait_days,
        list(gap_days::double order by slot) filter (where gap_days is not null) as slot_gap_days
    from slot
    group by order_calendar_id, least_days
),
approval as (
    select item.item_id, item.approval_date - order_day() as wait_days
    from core.item as item
    where item.approval_date > order_day()
        and item.approval_date <= (select max(bucket.bucket_end) from core.bucket as bucket)
),
-- the first day after the approval on which the source accepts orders
approved_slot as (
    select approved.wait_days as approval_days, open_day.calendar_id as order_calendar_id, min(open_day.day) as wait_days
    from (select distinct wait_days from approval) as approved
    join open_day on open_day.day >= approved.wait_days
    where open_day.calendar_id in (select supplier.order_calendar_id from staging.supplier as supplier)
    group by approved.wait_days, open_day.calendar_id
),
described as (
    select
        way.item_id,
        way.location_id,
        way.kind,
        way.source_id,
        way.priority,
        way.is_default,
        coalesce(way.lead_time_days, supplier.lead_time_days, night.lead_time_days) as lead_time_days,
        case
            when way.lead_time_days is not null then 'sourcing'
            when supplier.lead_time_days is not null then 'supplier'
            else 'default'
        end as lead_time_source,
        case
            when way.kind = 'pass' then 0
            else coalesce(approved_slot.wait_days, approval.wait_days, slot_gap.wait_days, 0)
        end::double as wait_days,
        case
            when way.kind = 'make' then least(night.planning_fence_days, night.horizon_weeks * 7)
            else 0
        end::double as fence_days,
        case
            when way.kind = 'pass' then 0
            else coalesce(slot_gap.slot_gap_days[1], policy.review_days, way.review_days, night.review_days)
        end as review_days,
        slot_gap.slot_gap_days,
        case
            when policy.review_days is not null then 'policy'
            when way.review_days is not null then 'sourcing'
            when slot_gap.slot_gap_days is not null then 'calendar'
            else 'default'
        end as review_source,
        coalesce(way.min_qty, 0)::double as min_qty,
        coalesce(
            nullif(way.multiple_qty, 0), case when item.is_continuous or way.kind = 'pass' then 0 else 1 end
        )::double as multiple_qty,
        nullif(way.max_qty, 0) as max_qty,
        coalesce(nullif(way.unit_cost, 0), bracket_cost.unit_cost, item.unit_cost) as unit_cost,
        coalesce(way.order_cost, night.order_cost) as order_cost,
        coalesce(supplier.calendar_id, origin.calendar_id) as calendar_id,
        supplier.order_calendar_id
    from way
    join core.item as item on item.item_id = way.item_id
    join core.node_policy as policy on policy.item_id = way.item_id and policy.location_id = way.location_id
    left join staging.supplier as supplier on way.kind = 'buy' and supplier.supplier_id = way.source_id
    left join core.location as origin on way.kind <> 'buy' and origin.location_id = way.source_id
    left join bracket_cost
        on way.kind = 'buy' and bracket_cost.item_id = way.item_id and bracket_cost.supplier_id = way.source_id
    left join slot_gap
        on slot_gap.order_calendar_id = supplier.order_calendar_id
        and slot_gap.least_days = coalesce(policy.review_days, way.review_days, 0)
    left join approval on approval.item_id = way.item_id
    left join approved_slot
        on approved_slot.approval_days = approval.wait_days
        and approved_slot.order_calendar_id = supplier.order_calendar_id
    cross join meta.night as night
),
-- Prices below that of the smallest quantity; one that is not lower is no discount.
discount as (
    select
        described.item_id,
        described.location_id,
        described.source_id,
        list(price_break.min_qty::double order by price_break.min_qty) as break_qty,
        list(price_break.unit_cost::double order by price_break.min_qty) as break_unit_cost,
        bool_or(coalesce(price_break.kind, 'all_units') = 'incremental') as is_incremental
    from described
    join staging.price_break as price_break
        on price_break.item_id = described.item_id and price_break.supplier_id = described.source_id
    where described.kind = 'buy'
        and price_break.min_qty > 0
        and price_break.unit_cost > 0
        and price_break.unit_cost < described.unit_cost
    group by described.item_id, described.location_id, described.source_id
)
select
    described.item_id,
    described.location_id,
    described.kind,
    described.source_id,
    case when described.priority = 0 then 0 else coalesce(source_rank.source_rank, 1) end::integer as arc_rank,
    lead_time_days::double as lead_time_days,
    lead_time_source,
    wait_days,
    fence_days,
    review_days::double as review_days,
    slot_gap_days,
    review_source,
    case when multiple_qty > 0 then ceil(min_qty / multiple_qty - 1e-9) * multiple_qty else min_qty end as min_qty,
    multiple_qty,
    case when multiple_qty > 0 then floor(max_qty / multiple_qty + 1e-9) * multiple_qty else max_qty end as max_qty,
    described.unit_cost,
    break_qty,
    break_unit_cost,
    coalesce(is_incremental, false) as is_incremental,
    order_cost,
    calendar_id,
    order_calendar_id,
    is_default
from described
left join discount using (item_id, location_id, source_id)
left join core.source_rank as source_rank
    on source_rank.item_id = described.item_id
    and source_rank.location_id = described.location_id
    and source_rank.kind = described.kind
    and source_rank.source_id = described.source_id
order by described.item_id, described.location_id, described.kind, described.source_id
