-- Priorities are 1, 2, 3 without a gap, all lines are of one run and in one money, they are void after the next chance to
-- order, and a cause to hold begins with its code.
with line as (
    select
        proposal.*,
        row_number() over (order by priority, proposal_id) as place,
        count(*) over (partition by proposal_id) as same_id,
        min(run_id) over () as first_run_id
    from plan.proposal as proposal
),
review as (
    select item_id, location_id, max(review_days) as review_days
    from core.arc
    where arc_rank = 1
    group by item_id, location_id
)
select line.proposal_id, line.item_id, line.location_id, line.priority, line.place, line.run_id, line.expires_at
from line
left join review on review.item_id = line.item_id and review.location_id = line.location_id
cross join meta.night as night
where line.priority <> line.place
    or line.same_id > 1
    or line.run_id <> line.first_run_id
    or not starts_with(line.run_id, night.as_of::varchar)
    or line.currency <> night.currency
    or line.expires_at <> order_day() + ceil(coalesce(review.review_days, night.bucket_days))::integer
    or (line.hold and not regexp_matches(coalesce(line.hold_cause, ''), '^[A-Z_]+: .'))
    or trim(line.explanation) = ''
    or line.id_counter < 0
