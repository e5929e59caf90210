-- Levelling makes what was planned, only earlier or later: up to the end of every bucket what is made, and what is late,
-- add up to what was planned and what is early.
with running as (
    select
        item_id,
        location_id,
        bucket_index,
        sum(planned_qty) over item_so_far as planned_qty,
        sum(qty) over item_so_far as qty,
        early_qty,
        late_qty
    from plan.levelled_make
    window item_so_far as (partition by item_id, location_id order by bucket_index)
)
select item_id, location_id, bucket_index, qty + late_qty as made_qty, planned_qty + early_qty as wanted_qty
from running
where exceeds(qty + late_qty, planned_qty + early_qty) or exceeds(planned_qty + early_qty, qty + late_qty)
order by 1, 2, 3
