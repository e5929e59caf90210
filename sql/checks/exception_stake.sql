-- Money at stake is the units concerned times what one of them costs or brings, wherever that can be said of a code; and
-- of a message it is what its proposal frees or moves.
with priced as (
    select
        raised.exception_id,
        raised.code,
        raised.item_id,
        raised.location_id,
        raised.order_id,
        raised.qty,
        raised.value_at_stake,
        case
            when raised.code in ('SHORTAGE', 'POTENTIAL_STOCKOUT', 'LATE_DEMAND', 'DATA_INVALID', 'NO_SOURCE', 'NO_BOM', 'BOM_CYCLE')
                then greatest(0, node.shortage_cost)
            when raised.code = 'DEMAND_PAST_DUE' then node.unit_price
            when raised.code = 'DEAD_STOCK' then greatest(0, node.unit_cost - node.salvage_value)
            when raised.code = 'EXCESS' then node.unit_cost
            when raised.code = 'EXPIRED' then greatest(0, node.unit_cost - node.salvage_value + node.disposal_cost)
        end as unit_value
    from plan.exception as raised
    join core.node as node on node.item_id = raised.item_id and node.location_id = raised.location_id
)
select exception_id, code, item_id, location_id, order_id, qty, unit_value, value_at_stake
from priced
where unit_value is not null and (qty is null or differs(value_at_stake, qty * unit_value))
