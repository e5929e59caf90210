-- Grain: one row a supplier and destination, with the names people know: how often it is ordered from and would best be.
select
    told.source_id,
    coalesce(supplier.name, told.source_id) as source_name,
    told.location_id,
    location.name as location_name,
    told.item_count,
    told.review_days,
    told.cycle_days,
    told.suggested_review_days,
    told.cost_value,
    told.suggested_cost_value,
    told.is_material,
    coalesce(cast(count(item.item_id) filter (where item.multiple_count > 1) as integer), 0) as later_count
from plan.supplier_review as told
join core.location as location on location.location_id = told.location_id
left join core.supplier as supplier on supplier.supplier_id = told.source_id
left join plan.review_multiple as item
    on item.source_id = told.source_id and item.location_id = told.location_id
group by all
order by told.source_id, told.location_id
