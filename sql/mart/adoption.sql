-- Grain: one row a week, category, source, action and person. Lines that nights proposed and what became of them, by
-- count and by value, in the week of the version that was answered or else last proposed; the person is empty where
-- nobody answered. Adoption is the share accepted unchanged of all that were answered or expired. Overrides are valued
-- once their window is over: positive where the person was right.
with told as (
    select
        line.*,
        week_start_of(line.night_date, night.week_start) as week_start,
        judged.proposal_id is not null as is_judged,
        judged.override_value
    from core.answered_line as line
    left join plan.override_value as judged on judged.proposal_id = line.proposal_id
    cross join meta.night as night
),
counted as (
    select
        week_start,
        category,
        kind,
        source_id,
        action,
        "user",
        cast(count(*) as integer) as line_count,
        cast(count(*) filter (outcome = 'accepted') as integer) as accepted_count,
        cast(count(*) filter (outcome = 'edited') as integer) as edited_count,
        cast(count(*) filter (outcome = 'rejected') as integer) as rejected_count,
        cast(count(*) filter (outcome = 'expired') as integer) as expired_count,
        cast(count(*) filter (outcome = 'open') as integer) as open_count,
        exact_sum(value) as value,
        exact_sum(case when outcome = 'accepted' then value end) as accepted_value,
        exact_sum(case when outcome = 'edited' then value end) as edited_value,
        exact_sum(case when outcome = 'rejected' then value end) as rejected_value,
        exact_sum(case when outcome = 'expired' then value end) as expired_value,
        exact_sum(case when outcome = 'open' then value end) as open_value,
        cast(count(*) filter (is_judged) as integer) as judged_count,
        exact_sum(override_value) as override_value
    from told
    group by all
)
select
    c.week_start,
    cast(date_trunc('month', c.week_start) as date) as month_start,
    c.category,
    c.kind,
    c.source_id,
    coalesce(u.name, s.name, c.source_id) as source_name,
    c.action,
    c."user",
    c.line_count,
    c.accepted_count,
    c.edited_count,
    c.rejected_count,
    c.expired_count,
    c.open_count,
    c.value,
    c.accepted_value,
    c.edited_value,
    c.rejected_value,
    c.expired_value,
    c.open_value,
    c.accepted_count / nullif(c.line_count - c.open_count, 0) as adoption_rate,
    coalesce(c.accepted_value, 0) / nullif(c.value - coalesce(c.open_value, 0), 0) as adoption_value_rate,
    c.judged_count,
    c.override_value
from counted as c
left join core.supplier as u on u.supplier_id = c.source_id and c.kind = 'purchase'
left join core.location as s on s.location_id = c.source_id and c.kind <> 'purchase'
order by all
