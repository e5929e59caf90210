-- A proposed master value stands beside the one in force, differs from it, and lies in the interval of what was observed;
-- the arc, the machine or the supplier it is about is there.
with arc as (
    select item_id, location_id, kind, source_id, lead_time_days, review_days, min_qty, multiple_qty
    from core.arc
)
select told.parameter, told.item_id, told.location_id, told.source_id, told.old_days, told.new_days, told.old_qty,
    told.new_qty, told.old_rate, told.new_rate
from plan.drift as told
left join arc
    on arc.item_id = told.item_id
    and arc.location_id = told.location_id
    and arc.kind = told.kind
    and arc.source_id = told.source_id
where told.observation_count < 1
    or coalesce(told.effect_value < 0, false)
    or coalesce(trim(told.effect_basis) = '', false)
    or (told.new_days is not null and not coalesce(differs(told.new_days, told.old_days), false))
    or (told.new_qty is not null and not coalesce(differs(told.new_qty, told.old_qty), true))
    or (told.new_rate is not null and not coalesce(differs(told.new_rate, told.old_rate), false))
    or coalesce(exceeds(told.low_days, told.observed_days) or exceeds(told.observed_days, told.high_days), false)
    or coalesce(exceeds(told.low_rate, told.new_rate) or exceeds(told.new_rate, told.high_rate), false)
    or coalesce(differs(told.low_days + told.high_days, 2 * told.observed_days), false)
    or coalesce(abs(told.low_rate + told.high_rate - 2 * told.new_rate) > 1e-3 * greatest(1, told.new_rate), false)
    or (told.parameter = 'lead_time' and coalesce(abs(told.observed_days - told.new_days) > 1, false))
    or case
        when told.parameter = 'lead_time'
            then arc.item_id is null or differs(told.old_days, arc.lead_time_days)
        when told.parameter = 'review_time' then arc.item_id is null or differs(told.old_days, arc.review_days)
        when told.parameter = 'supplier_review' then not exists (
            from plan.supplier_review as review
            where review.source_id = told.source_id
                and review.location_id = told.location_id
                and not differs(review.review_days, told.old_days)
                and not differs(review.suggested_review_days, told.new_days)
                and review.item_count = told.observation_count
                and told.kind = 'buy'
        )
        when told.old_rate is not null then told.kind <> 'make'
            or told.item_id not in (select item_id from core.item)
            or told.location_id not in (select location_id from core.location)
            or told.source_id not in (select work_center_id from core.work_center)
            or (
                told.parameter in ('run_hours_per_unit', 'yield_rate')
                and not exists (
                    from core.plant_log as line
                    where line.work_center_id = told.source_id
                        and line.item_id = told.item_id
                        and not differs(
                            told.old_rate,
                            case told.parameter when 'yield_rate' then line.yield_rate else line.routing_hours_per_unit end
                        )
                )
            )
        else arc.item_id is null
    end
