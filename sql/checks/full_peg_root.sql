-- A full peg ends at a node that there is, late where its supply and the lead times on the way come after the day it is
-- wanted (sums of later orders and of several days aside, which have no one day); the dates of its supply are those of the pegs, and a unit of what the customer wants is made of some.
with dated as (
    select distinct item_id, location_id, supply_kind, supply_id, supply_date
    from plan.peg
),
line as (
    select
        full_peg.*,
        row_number() over (partition by full_peg.item_id, full_peg.location_id order by full_peg.peg_index) - 1 as place,
        root.item_id is not null as is_node,
        dated.item_id is not null as is_dated
    from plan.full_peg as full_peg
    left join core.node as root on root.item_id = full_peg.root_item_id and root.location_id = full_peg.root_location_id
    left join dated
        on dated.item_id = full_peg.item_id
        and dated.location_id = full_peg.location_id
        and dated.supply_kind = full_peg.supply_kind
        and dated.supply_id is not distinct from full_peg.supply_id
        and dated.supply_date = full_peg.supply_date
)
select item_id, location_id, peg_index, supply_kind, supply_date, root_item_id, root_location_id, root_date, is_late
from line
where not is_node
    or not is_dated
    or peg_index <> place
    or way_days < 0
    or (root_kind = 'forecast' and root_date not in (select bucket_end from core.bucket))
    or (item_id = root_item_id and differs(qty, root_qty))
    or (qty > 1e-6 and root_qty <= 0)
    or (
        supply_kind <> 'planned'
        and (is_late or root_kind = 'sales_order')
        and is_late <> (supply_date + ceil(way_days - 1e-9)::integer > root_date)
    )
    or (item_id = root_item_id and location_id = root_location_id and way_days <> 0)
