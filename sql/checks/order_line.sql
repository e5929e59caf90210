-- An order is over the arc in use, of whole packs of it, at the price its breaks give and no higher than that of one unit;
-- no more than was wished unless the plant's hours moved it, and what of it expires costs what such a unit loses.
with line as (
    select orders.*, arc.kind as arc_kind, arc.multiple_qty, arc.unit_cost as arc_cost,
        list_min(list_append(arc.break_unit_cost, arc.unit_cost)) as least_cost,
        wish.qty as wished_qty,
        greatest(0, node.unit_cost - node.salvage_value + node.disposal_cost) as unit_waste,
        night.bucket_days
    from plan.order as orders
    left join core.arc as arc
        on arc.item_id = orders.item_id
        and arc.location_id = orders.location_id
        and arc.source_id = orders.source_id
        and arc.arc_rank = 1
    left join plan.wish as wish on wish.item_id = orders.item_id and wish.location_id = orders.location_id
    left join core.node as node on node.item_id = orders.item_id and node.location_id = orders.location_id
    cross join meta.night as night
)
select item_id, location_id, source_id, kind, qty, wish_qty, wished_qty, pack_count, unit_cost, arc_cost, order_date,
    receipt_date, need_date
from line
where arc_kind is null
    or kind <> arc_kind
    or wished_qty is null
    or differs(pack_count * coalesce(nullif(multiple_qty, 0), 1), qty)
    or differs(wish_qty, wished_qty)
    or need_date < order_day()
    or exceeds(unit_cost, arc_cost)
    or exceeds(coalesce(least_cost, arc_cost), unit_cost)
    or differs(expected_waste_value, expected_waste_qty * unit_waste)
    or exceeds(expected_waste_qty, qty)
    or shadow_price < 0
    or order_date < order_day()
    or receipt_date < order_date
    or is_release_past_due <> (qty > 0 and need_date < receipt_date)
