-- A supplier's review is told as a proposed master value exactly where another one saves more than a tenth of its cost,
-- with that saving as its worth; every item of the lane has a place in the joint orders.
with judged as (
    select
        review.source_id,
        review.location_id,
        review.item_count,
        review.is_material,
        review.suggested_review_days <> review.review_days
        and review.cost_value - review.suggested_cost_value > 0.1 * review.cost_value as is_due,
        review.cost_value - review.suggested_cost_value as saving_value
    from plan.supplier_review as review
),
placed as (
    select source_id, location_id, count(*) as placed_count, min(multiple_count) as least_multiple
    from plan.review_multiple
    group by source_id, location_id
)
select judged.source_id, judged.location_id, judged.is_due, drift.effect_value, placed.placed_count
from judged
left join placed on placed.source_id = judged.source_id and placed.location_id = judged.location_id
left join plan.drift as drift
    on drift.parameter = 'supplier_review'
    and drift.source_id = judged.source_id
    and drift.location_id = judged.location_id
where judged.is_due <> judged.is_material
    or judged.is_due <> (drift.source_id is not null)
    or differs(coalesce(drift.effect_value, judged.saving_value), judged.saving_value)
    or placed.placed_count is distinct from judged.item_count
    or placed.least_multiple < 1
