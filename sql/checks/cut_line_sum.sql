-- Purchases stand in the order of what they earn for their money, those bought first; each costs what its units do, and the running cost is
-- the sum so far.
with line as (
    select
        told.*,
        row_number() over (order by rank) + (select min(rank) from plan.cut_line) - 1 as place,
        lag(value_rate) over (partition by is_taken order by rank) as rate_above,
        lag(is_taken) over (order by rank) as is_taken_above,
        cumulative_cost - coalesce(lag(cumulative_cost) over (order by rank), cumulative_cost - cost) as added_cost,
        orders.source_id as order_source_id,
        arc.unit_cost,
        list_min(list_append(arc.break_unit_cost, arc.unit_cost)) as least_unit_cost
    from plan.cut_line as told
    left join plan.order as orders on orders.item_id = told.item_id and orders.location_id = told.location_id
    left join core.arc as arc
        on arc.item_id = told.item_id and arc.location_id = told.location_id and arc.arc_rank = 1
)
select line.rank, line.item_id, line.location_id, line.qty, line.cost, line.added_cost, line.value_rate, line.rate_above
from line
where line.rank <> line.place
    or line.order_source_id is distinct from line.source_id
    or differs(line.value_rate * case when line.cost > 0 then line.cost else 1 end, line.gain_value)
    or (line.is_taken and not coalesce(line.is_taken_above, true))
    or abs(line.added_cost - line.cost) > 1e-6 * greatest(1, line.cumulative_cost)
    or line.qty <= 0
    or exceeds(line.cost, line.qty * line.unit_cost)
    or exceeds(line.qty * line.least_unit_cost, line.cost)
    or exceeds(line.value_rate, coalesce(line.rate_above, line.value_rate))
    or not exists (
        from plan.curve as step
        where step.item_id = line.item_id and step.location_id = line.location_id and step.pack_index = line.pack_index
    )
