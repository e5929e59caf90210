-- Every new line that is an order promises for the window from its receipt to the next chance: the demand its wish counted
-- with, and sales and a chance of running out as far from those without it as its share of the wish takes them.
with line as (
    select proposal.proposal_id, proposal.item_id, proposal.location_id, wish.window_1_qty,
        wish.stockout_probability_without as risk_without, wish.stockout_probability_with as risk_with,
        wish.expected_lost_without_qty as lost_without_qty, wish.expected_lost_with_qty as lost_with_qty,
        case
            when orders.wish_qty > 0
                then least(1, sum(proposal.qty) over (partition by proposal.item_id, proposal.location_id) / orders.wish_qty)
            else 1
        end as share,
        wish.review_buckets * night.bucket_days as window_days,
        proposal.receipt_date, proposal.kind
    from plan.proposal as proposal
    join plan.wish as wish on wish.item_id = proposal.item_id and wish.location_id = proposal.location_id
    join plan.order as orders on orders.item_id = proposal.item_id and orders.location_id = proposal.location_id
    cross join meta.night as night
    where proposal.action = 'NEW' and proposal.reason_code <> 'rebalance'
)
select coalesce(line.proposal_id, told.proposal_id) as proposal_id, told.item_id, told.location_id, told.window_start,
    told.window_end, told.stockout_probability, told.expected_demand_qty, told.expected_sales_qty
from plan.promise as told
full join line on line.proposal_id = told.proposal_id
where line.proposal_id is null
    or told.proposal_id is null
    or told.item_id <> line.item_id
    or told.location_id <> line.location_id
    or told.window_start <> line.receipt_date
    or told.window_end <> told.window_start + line.window_days - 1
    or differs(told.stockout_probability, line.risk_without + line.share * (line.risk_with - line.risk_without))
    or differs(told.expected_demand_qty, line.window_1_qty)
    or differs(
        told.expected_sales_qty,
        greatest(
            0, line.window_1_qty - line.lost_without_qty - line.share * (line.lost_with_qty - line.lost_without_qty)
        )
    )
