-- Grain: one row a reason and outcome. Why lines were edited or rejected, how often, and what it was worth where it can
-- be judged; the reason most often given first.
select
    coalesce(line.reason, 'no reason given') as reason,
    line.outcome,
    cast(count(*) as integer) as line_count,
    exact_sum(line.value) as value,
    cast(count(v.proposal_id) as integer) as judged_count,
    exact_sum(v.override_value) as override_value
from core.answered_line as line
left join plan.override_value as v on v.proposal_id = line.proposal_id
where line.outcome in ('edited', 'rejected')
group by all
order by line_count desc, reason, outcome
