-- One row per operation of a routing, alternates included. Of a group of alternates the first is planned with.
-- Yields of this operation and of those after it make more units to start here of each good one; an operation that
-- yields nothing is told of elsewhere and counts as a perfect one. Hours are those of a machine at its real speed.
with grouped as (
    select
        *,
        case
            when alternate_group is null then operation_seq
            else min(operation_seq) over (partition by item_id, location_id, alternate_group)
        end as step_seq
    from staging.routing
),
ranked as (
    select
        *,
        coalesce(nullif(yield_rate, 0), 1) as good_share,
        row_number() over (partition by item_id, location_id, step_seq order by operation_seq) as alternate_rank
    from grouped
),
planned as (
    select
        item_id,
        location_id,
        step_seq,
        coalesce(product(good_share) over (
            partition by item_id, location_id
            order by step_seq desc
            rows between unbounded preceding and 1 preceding
        ), 1) as later_share
    from ranked
    where alternate_rank = 1
)
select
    ranked.item_id,
    ranked.location_id,
    ranked.operation_seq::integer as operation_seq,
    ranked.step_seq::integer as step_seq,
    ranked.alternate_rank::integer as alternate_rank,
    ranked.work_center_id,
    (ranked.run_hours_per_unit / coalesce(work_center.efficiency_rate, 1))::double as run_hours_per_unit,
    coalesce(ranked.setup_hours, 0)::double as setup_hours,
    ranked.setup_family,
    (1 / (planned.later_share * ranked.good_share))::double as start_qty_per_good,
    coalesce(ranked.queue_hours, 0)::double as queue_hours,
    coalesce(ranked.splittable, true) as is_splittable
from ranked
join planned
    on planned.item_id = ranked.item_id
    and planned.location_id = ranked.location_id
    and planned.step_seq = ranked.step_seq
left join core.work_center as work_center on work_center.work_center_id = ranked.work_center_id
order by ranked.item_id, ranked.location_id, ranked.operation_seq
