-- A message names an open order line of its node, with the quantity and the date that the books have; what it asks for
-- is what its word says: sooner, later, more, fewer, none, or nothing. A new line names no order.
select
    line.proposal_id,
    line.action,
    line.item_id,
    line.location_id,
    line.qty,
    line.old_qty,
    books.open_qty,
    line.old_date,
    books.due_date
from plan.proposal as line
left join core.open_supply as books
    on books.order_id = line.existing_order_id
    and books.line_id = line.existing_line_id
    and books.item_id = line.item_id
    and books.location_id = line.location_id
    and books.kind = line.kind
where case
        when line.action = 'NEW' then coalesce(line.existing_order_id, line.existing_line_id) is not null
            or line.old_qty is not null
            or line.old_date is not null
        else books.order_id is null
            or line.old_qty is null
            or differs(line.old_qty, books.open_qty)
            or line.old_date is distinct from books.due_date
            or case line.action
                when 'CANCEL' then line.qty <> 0
                when 'INCREASE' then not exceeds(line.qty, line.old_qty)
                when 'DECREASE' then not exceeds(line.old_qty, line.qty)
                else differs(line.qty, line.old_qty)
            end
            or case line.action
                when 'EXPEDITE' then line.receipt_date >= line.old_date
                when 'DEFER' then line.receipt_date <= line.old_date
                when 'CANCEL' then false
                else line.receipt_date <> greatest(line.old_date, order_day())
            end
    end
