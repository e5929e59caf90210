-- Of announced stock-outs no more came true than were judged, and no more were foreseen than came; shares are the one over
-- the other.
select week_start, code, judged_count, true_count, precision_share, stockout_count, foreseen_count, recall_share
from plan.exception_score
where true_count > judged_count
    or foreseen_count > stockout_count
    or (precision_share is null) <> (judged_count = 0)
    or (recall_share is null) <> (stockout_count = 0)
    or coalesce(differs(precision_share * judged_count, true_count), false)
    or coalesce(differs(recall_share * stockout_count, foreseen_count), false)
    or coalesce(lead_days < 0, false)
