-- The value of a line is its quantity (of a cancelled one the quantity freed) times its unit cost; both are known or
-- neither.
select proposal_id, action, qty, old_qty, unit_cost, value
from plan.proposal
where (unit_cost is null) <> (value is null)
    or coalesce(differs(value, case action when 'CANCEL' then old_qty else qty end * unit_cost), false)
