-- Every line on hold says why, and no other line does.
select proposal_id, item_id, location_id, hold, hold_cause
from plan.proposal
where hold <> (coalesce(hold_cause, '') <> '')
