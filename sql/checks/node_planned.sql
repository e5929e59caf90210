-- Every node with a source or with demand is planned, or excused by what is wrong with it.
select node.item_id, node.location_id
from core.node as node
where (
        node.has_demand
        or exists (
            from core.arc as arc
            where arc.item_id = node.item_id and arc.location_id = node.location_id and arc.arc_rank = 1
        )
    )
    and not exists (
        from plan.order as orders
        where orders.item_id = node.item_id and orders.location_id = node.location_id
    )
    and not exists (
        from core.graph_issue as issue
        where issue.item_id = node.item_id and issue.location_id = node.location_id
    )
    and not exists (
        from plan.exception as raised
        where raised.item_id = node.item_id and raised.location_id = node.location_id
    )
