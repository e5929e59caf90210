-- Grain: one row a purchase of the ranked list, with the names people know: the last ones bought and the first ones not.
select
    ranked.rank,
    ranked.item_id,
    node.item_name,
    ranked.location_id,
    node.location_name,
    ranked.source_id,
    ranked.qty,
    node.uom,
    ranked.cost,
    ranked.gain_value,
    ranked.value_rate,
    ranked.cumulative_cost,
    ranked.is_taken
from plan.cut_line as ranked
join core.node as node on node.item_id = ranked.item_id and node.location_id = ranked.location_id
order by ranked.rank
