-- Of several sources one is in use: none has a better priority, none of its priority is further behind a quota, and
-- where none has a quota none is cheaper all told. The cost all told is the sum of its parts.
with chosen as (
    select source_rank.*, arc.arc_rank
    from core.source_rank as source_rank
    left join core.arc as arc
        on arc.item_id = source_rank.item_id
        and arc.location_id = source_rank.location_id
        and arc.kind = source_rank.kind
        and arc.source_id = source_rank.source_id
)
select first.item_id, first.location_id, first.source_id, other.source_id as other_source_id
from chosen as first
join chosen as other on other.item_id = first.item_id and other.location_id = first.location_id
where first.source_rank = 1
    and (
        coalesce(first.arc_rank, 0) <> 1
        or (other.source_rank = 1 and (other.source_id <> first.source_id or other.kind <> first.kind))
        or coalesce(other.priority, 2147483647) < coalesce(first.priority, 2147483647)
        or (
            other.priority is not distinct from first.priority
            and (
                other.behind_qty > coalesce(first.behind_qty, -1e300)
                or (first.behind_qty is null and other.behind_qty is null and other.landed_cost < first.landed_cost)
            )
        )
        or differs(other.landed_cost, other.unit_cost + other.order_share_cost + other.shortage_share_cost)
    )
