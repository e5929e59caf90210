-- Orders to place are exactly the new lines nothing holds, added up by kind, source, destination and day: how many, how
-- many units, how much money, and whether that is less than the supplier takes.
with line as (
    select
        kind,
        source_id,
        location_id,
        order_date,
        count(*) as line_count,
        sum(qty) as qty,
        sum(value) as value,
        any_value(currency) as currency
    from plan.proposal
    where action = 'NEW' and not hold
    group by all
),
least as (
    select 'purchase' as kind, supplier_id as source_id, min_order_value, min_order_qty
    from core.supplier
)
select
    coalesce(line.kind, placed.kind) as kind,
    coalesce(line.source_id, placed.source_id) as source_id,
    coalesce(line.location_id, placed.location_id) as location_id,
    coalesce(line.order_date, placed.order_date) as order_date,
    placed.line_count,
    line.line_count as lines,
    placed.qty,
    line.qty as line_qty,
    placed.value,
    line.value as line_value
from plan.supplier_order as placed
full join line
    on line.kind = placed.kind
    and line.source_id = placed.source_id
    and line.location_id = placed.location_id
    and line.order_date = placed.order_date
left join least
    on least.kind = placed.kind and least.source_id = placed.source_id
where placed.line_count is null
    or line.line_count is null
    or placed.line_count <> line.line_count
    or differs(placed.qty, line.qty)
    or (placed.value is null) <> (line.value is null)
    or coalesce(differs(placed.value, line.value), false)
    or placed.currency <> line.currency
    or placed.min_order_value is distinct from least.min_order_value
    or placed.is_below_minimum <> (
        coalesce(line.value < least.min_order_value - 1e-6, false)
        or coalesce(line.qty < least.min_order_qty - 1e-9, false)
    )
