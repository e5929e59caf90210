-- A peg is marked late exactly where its supply comes after its demand.
select item_id, location_id, peg_index, supply_date, demand_date, is_late
from plan.peg
where is_late <> (supply_date > demand_date)
