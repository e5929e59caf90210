-- Grain: one row a node and root: whom its stock, open orders and tonight's order serve in the end, the first by date.
with served as (
    select
        item_id,
        location_id,
        root_kind,
        root_id,
        root_item_id,
        root_location_id,
        root_date,
        sum(qty order by peg_index) as qty,
        sum(root_qty order by peg_index) as root_qty,
        bool_or(is_late) as is_late
    from plan.full_peg
    where supply_kind <> 'planned'
    group by all
)
select
    served.item_id,
    served.location_id,
    served.root_kind,
    served.root_id,
    served.root_item_id,
    served.root_location_id,
    coalesce(root.item_name, served.root_item_id) as root_item_name,
    coalesce(root.location_name, served.root_location_id) as root_location_name,
    served.root_date,
    served.qty,
    served.root_qty,
    served.is_late
from served
left join core.node as root
    on root.item_id = served.root_item_id
    and root.location_id = served.root_location_id
qualify row_number() over (
    partition by served.item_id, served.location_id
    order by
        served.root_date,
        served.root_kind <> 'sales_order',
        served.root_kind,
        served.root_item_id,
        served.root_location_id,
        served.root_id
) <= 12
order by all
