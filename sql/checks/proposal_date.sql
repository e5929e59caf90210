-- A new line is ordered after the last closed day and does not arrive before it is ordered.
select proposal_id, item_id, location_id, order_date, receipt_date
from plan.proposal
where action = 'NEW' and (order_date <= as_of() or receipt_date < order_date)
