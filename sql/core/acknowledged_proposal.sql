-- One row per executable line of the newest earlier run of which any line was answered; no rows before the first answer.
-- An answer names its run; one that does not is about the newest run before its day that had the line.
with answer as (
    select line.proposal_id, line.run_id, line.night_date
    from core.previous_run_line as line
    join staging.acknowledge as decision on decision.proposal_id = line.proposal_id
    where decision.run_id is null or decision.run_id = line.run_id
    qualify row_number() over (
        partition by line.proposal_id
        order by
            line.night_date < coalesce(decision."at", as_of()) desc,
            abs(line.night_date - coalesce(decision."at", as_of()))
    ) = 1
),
newest as (
    select run_id, night_date
    from answer
    order by night_date desc, run_id desc
    limit 1
)
select line.*, answer.proposal_id is not null as is_answered
from core.previous_run_line as line
join newest on newest.run_id = line.run_id
left join answer on answer.proposal_id = line.proposal_id and answer.night_date >= newest.night_date
order by line.run_id, line.proposal_id
