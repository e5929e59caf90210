-- At every node followed to its customers, the full pegs of a supply add up to its pegs: nothing is pegged twice or lost.
-- Each customer order that they end at is open, and wanted at that node.
with pegged as (
    select item_id, location_id, supply_kind, supply_id, sum(qty) as qty
    from plan.peg
    where (item_id, location_id) in (select (item_id, location_id) from plan.full_peg)
    group by all
),
followed as (
    select item_id, location_id, supply_kind, supply_id, sum(qty) as qty
    from plan.full_peg
    group by all
)
select
    coalesce(pegged.item_id, followed.item_id) as item_id,
    coalesce(pegged.location_id, followed.location_id) as location_id,
    coalesce(pegged.supply_kind, followed.supply_kind) as supply_kind,
    coalesce(pegged.supply_id, followed.supply_id) as supply_id,
    pegged.qty as pegged_qty,
    followed.qty as followed_qty
from pegged
full join followed
    on followed.item_id = pegged.item_id
    and followed.location_id = pegged.location_id
    and followed.supply_kind = pegged.supply_kind
    and followed.supply_id is not distinct from pegged.supply_id
where differs(coalesce(pegged.qty, 0), coalesce(followed.qty, 0))
union all
select full_peg.item_id, full_peg.location_id, full_peg.supply_kind, full_peg.root_id, full_peg.qty, null
from plan.full_peg as full_peg
where full_peg.root_kind = 'sales_order'
    and not exists (
        from core.open_demand as line
        where line.order_id || '/' || line.line_id = full_peg.root_id
            and line.item_id = full_peg.root_item_id
            and line.location_id = full_peg.root_location_id
    )
