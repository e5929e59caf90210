-- One row per open production order line and component that it will still take, for what is open of it: on the day its
-- production starts (due less lead time, tonight at the earliest) by the bill of that day. Released orders have taken
-- theirs; lines on hold or lost take nothing. An item that passes its need on is not made any more: what of it is
-- still in the books takes nothing that is known.
with lead_time as (
    select item_id, location_id, source_id, min(lead_time_days) as lead_time_days
    from core.arc
    where kind = 'make'
    group by item_id, location_id, source_id
),
made as (
    select
        open_supply.order_id,
        open_supply.line_id,
        open_supply.item_id,
        open_supply.open_qty,
        coalesce(open_supply.source_id, in_use.source_id, open_supply.location_id) as plant_id,
        greatest(
            order_day(),
            open_supply.due_date
            - ceil(coalesce(lead_time.lead_time_days, in_use.lead_time_days, night.lead_time_days))::integer
        ) as start_date
    from core.open_supply as open_supply
    left join lead_time using (item_id, location_id, source_id)
    left join core.arc as in_use
        on in_use.item_id = open_supply.item_id
        and in_use.location_id = open_supply.location_id
        and in_use.arc_rank = 1
        and in_use.kind = 'make'
    cross join meta.night as night
    where open_supply.kind = 'production'
        and open_supply.status <> 'released'
        and not open_supply.is_lost
)
select
    made.order_id,
    made.line_id,
    bom_line.component_item_id as item_id,
    made.plant_id as location_id,
    made.item_id as parent_item_id,
    made.open_qty * bom_line.qty_per as open_qty,
    made.start_date as due_date
from made
join core.bom_line as bom_line
    on bom_line.parent_item_id = made.item_id
    and bom_line.location_id = made.plant_id
    and made.start_date between bom_line.first_date and coalesce(bom_line.last_date, made.start_date)
anti join core.pass_through as pass
    on pass.item_id = made.item_id and pass.location_id = made.plant_id
order by made.order_id, made.line_id, bom_line.component_item_id
