-- No supply serves more than it holds: not the stock, no open order line, no lateral move, not tonight's
-- order, not the later ones.
with pegged as (
    select
        item_id,
        location_id,
        supply_kind,
        case when supply_kind in ('open_order', 'move') then supply_id end as supply_id,
        sum(qty) as qty
    from plan.peg
    group by all
),
supply as (
    select
        item_id,
        location_id,
        'stock' as supply_kind,
        null as supply_id,
        greatest(0, opening_qty + record_adjustment_qty - moved_out_qty) as qty
    from plan.projection
    where bucket_index = 0
    union all
    select item_id, location_id, 'open_order', order_id || '/' || line_id, open_qty
    from core.open_supply
    where not is_lost
    union all
    select item_id, location_id, 'move', source_id, qty
    from plan.rebalance
    union all
    select item_id, location_id, 'proposal', null, qty
    from plan.order
    union all
    select item_id, location_id, 'planned', null, sum(planned_qty)
    from plan.projection
    group by item_id, location_id
)
select
    pegged.item_id,
    pegged.location_id,
    pegged.supply_kind,
    pegged.supply_id,
    pegged.qty as pegged_qty,
    supply.qty as supply_qty
from pegged
left join supply
    on supply.item_id = pegged.item_id
    and supply.location_id = pegged.location_id
    and supply.supply_kind = pegged.supply_kind
    and supply.supply_id is not distinct from pegged.supply_id
where exceeds(pegged.qty, coalesce(supply.qty, 0))
