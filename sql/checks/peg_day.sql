-- Each peg is dated as its supply and its demand are: stock tonight, tonight's order at its receipt, later orders when
-- their bucket begins; customer orders and production on their day, forecasts and dependants when their bucket ends.
with line as (
    select
        peg.*,
        case peg.supply_kind
            when 'stock' then peg.supply_date = order_day()
            when 'proposal' then peg.supply_date = orders.receipt_date
            when 'planned' then first_day.bucket_start is not null
            else peg.supply_date >= order_day()
        end as is_supply_day,
        case peg.demand_kind
            when 'sales_order' then peg.demand_date = customer.due_date
            when 'production_order' then peg.demand_date = need.due_date
            else last_day.bucket_end is not null
        end as is_demand_day,
        case peg.demand_kind
            when 'requirement' then exists (
                from plan.requirement as asked
                where asked.item_id = peg.item_id
                    and asked.location_id = peg.location_id
                    and asked.dependant_item_id || '@' || asked.dependant_location_id = peg.demand_id
            )
            when 'sales_order' then customer.order_id is not null
            when 'production_order' then need.order_id is not null
            else peg.demand_id is null
        end as is_demand
    from plan.peg as peg
    left join plan.order as orders on orders.item_id = peg.item_id and orders.location_id = peg.location_id
    left join core.bucket as first_day on first_day.bucket_index >= 0 and first_day.bucket_start = peg.supply_date
    left join core.bucket as last_day on last_day.bucket_index >= 0 and last_day.bucket_end = peg.demand_date
    left join core.open_demand as customer
        on peg.demand_kind = 'sales_order'
        and customer.item_id = peg.item_id
        and customer.location_id = peg.location_id
        and customer.order_id || '/' || customer.line_id = peg.demand_id
    left join core.firm_need as need
        on peg.demand_kind = 'production_order'
        and need.item_id = peg.item_id
        and need.location_id = peg.location_id
        and need.order_id || '/' || need.line_id = peg.demand_id
)
select item_id, location_id, peg_index, supply_kind, supply_date, demand_kind, demand_id, demand_date
from line
where not coalesce(is_supply_day, false) or not coalesce(is_demand_day, false) or not coalesce(is_demand, false)
