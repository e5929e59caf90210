-- A new line is ordered after the last closed day, and does not arrive before it is ordered nor, where the plant makes
-- it, before its job is done. Production begins before it ends.
select proposal_id, item_id, location_id, order_date, receipt_date, finish_at
from plan.proposal
where start_at > finish_at
    or (action = 'NEW' and (order_date <= as_of() or receipt_date < order_date or receipt_date < finish_at::date))
