-- The target of a stage of production with demand holds the safety stock placed there; only points of decoupling hold any.
select d.item_id, d.location_id, d.safety_stock_qty, t.safety_stock_qty as target_qty
from plan.decoupling as d
left join plan.target as t on t.item_id = d.item_id and t.location_id = d.location_id
where t.item_id is null
    or (t.protection_qty > 0 and differs(d.safety_stock_qty, t.safety_stock_qty))
    or (not d.is_decoupling_point and d.safety_stock_qty > 0)
