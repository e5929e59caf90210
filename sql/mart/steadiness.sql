-- Grain: one row a night, tonight last. What nights proposed, and whether one was held as a whole.
select
    as_of,
    run_id,
    proposal_value,
    line_count,
    flipped_share,
    is_stopped,
    cause
from plan.steadiness
order by as_of
