-- Pegs of a node are numbered 0, 1, 2 in the order in which supply meets demand: neither goes back in time.
with line as (
    select
        *,
        row_number() over node_pegs - 1 as place,
        lag(supply_date) over node_pegs as supply_before,
        lag(demand_date) over node_pegs as demand_before
    from plan.peg
    window node_pegs as (partition by item_id, location_id order by peg_index)
)
select item_id, location_id, peg_index, place, supply_before, supply_date, demand_before, demand_date
from line
where peg_index <> place or supply_date < supply_before or demand_date < demand_before
