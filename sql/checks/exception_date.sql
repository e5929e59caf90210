-- An exception is dated by what it is about: an order by its books, a stock that runs out by its bucket, a doubt by
-- tonight; and what it says of an order is said of one that there is, at its node.
with books as (
    select order_id, item_id, location_id, due_date from core.open_supply
    union all
    select order_id, item_id, location_id, due_date from core.open_demand
    union all
    select customer.order_id, customer.item_id, customer.location_id, customer.date from core.project_line as customer
)
select raised.exception_id, raised.code, raised.item_id, raised.location_id, raised.order_id, raised.date
from plan.exception as raised
where case
        when raised.code in ('SUPPLY_PAST_DUE', 'DEMAND_PAST_DUE', 'LATE_DEMAND') then not exists (
            from books
            where books.order_id = raised.order_id
                and books.item_id = raised.item_id
                and books.location_id = raised.location_id
                and books.due_date = raised.date
        )
        when raised.code in ('SHORTAGE', 'POTENTIAL_STOCKOUT', 'BELOW_SAFETY_STOCK')
            then raised.date not in (select bucket_start from core.bucket where bucket_index >= 0)
        when raised.code in ('DATA_INVALID', 'GHOST_STOCK', 'DEAD_STOCK', 'NO_SOURCE', 'NO_BOM', 'BOM_CYCLE', 'LEAD_TIME_DRIFT', 'PARAMETER_DRIFT')
            then raised.date <> order_day()
        else raised.date is null
    end
    or (
        raised.code in ('EXPEDITE', 'DEFER', 'CANCEL', 'INCREASE', 'DECREASE')
        and not exists (
            from plan.proposal as line
            where line.action = raised.code
                and line.existing_order_id = raised.order_id
                and raised.date in (line.old_date, line.receipt_date, line.need_date)
                and line.item_id = raised.item_id
                and line.location_id = raised.location_id
        )
    )
