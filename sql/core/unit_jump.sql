-- One row per node and feed whose quantities came in another unit from one bucket on, in the days that are searched, and
-- stay so. Sales: an item sells five times as much as before or more, at a node or in all, without an event, and nothing but
-- whole packs of 6, 10, 12 ... where it was sold by the piece, too often for chance; or a fifth or less, in fractions where it was whole.
-- Stock: at two nodes or more, most of the item's, the books show just so many times what was there the bucket before less
-- sales and plus receipts (three nodes where receipts are not handed in). What jumped back is mended.
with night as (
    select as_of, doubt_days, chance_share, (select count(*) from staging.receipt) > 0 as has_receipts
    from meta.night
    where doubt_days > 0
),
factor as (
    select unnest([2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 18, 20, 24, 30, 36, 48, 50, 60, 72, 96, 100, 144, 200, 500, 1000])::double
        as factor
),
-- what one customer takes of a sudden may be its usual order in another unit
project as (
    select project_line.item_id, project_line.location_id, bucket.bucket_index, sum(project_line.qty) as qty
    from core.project_line as project_line
    join core.bucket as bucket on project_line.date between bucket.bucket_start and bucket.bucket_end
    group by all
),
history as (
    select
        history.* exclude (sales_qty),
        history.sales_qty + coalesce(project.qty, 0) as sales_qty,
        history.bucket_start > night.as_of - night.doubt_days as is_searched
    from core.demand_history as history
    left join project
        on project.item_id = history.item_id
        and project.location_id = history.location_id
        and project.bucket_index = history.bucket_index
    cross join night
    where history.bucket_start > night.as_of - night.doubt_days - 84 and history.open_share > 0
),
-- sales ----------------------------------------------------------------------------------------------------------
-- of each node alone, as one file may be in another unit, and of each item over all its locations (*), which tell sooner
flow as (
    select item_id, location_id as scope_id, bucket_index, sales_qty as qty, is_searched
    from history
    union all
    select item_id, '*', bucket_index, sum(sales_qty), bool_or(is_searched)
    from history
    group by item_id, bucket_index
),
-- only those can have jumped whose last three sales are whole packs, or no whole units: few
loud as (
    select item_id, scope_id, unnest(arg_max(qty, bucket_index, 3) filter (where qty > 0)) as qty
    from flow
    group by item_id, scope_id
),
eligible as (
    select loud.item_id, loud.scope_id
    from loud
    cross join factor
    where factor.factor >= 5
    group by loud.item_id, loud.scope_id, factor.factor
    having bool_and(abs(loud.qty / factor.factor - round(loud.qty / factor.factor)) < 1e-6)
        or bool_and(abs(loud.qty - round(loud.qty)) > 1e-6)
),
split as (
    select
        *,
        avg(qty) over before as before_qty,
        count(*) filter (where qty > 0) over before as before_count,
        avg(qty) over after as after_qty
    from flow
    semi join (select distinct item_id, scope_id from eligible) as eligible using (item_id, scope_id)
    window
        before as (partition by item_id, scope_id order by bucket_index rows between unbounded preceding and 1 preceding),
        after as (partition by item_id, scope_id order by bucket_index rows between current row and unbounded following)
),
suspect as (
    select distinct item_id, scope_id
    from split
    where is_searched
        and qty > 0
        and before_count >= 8
        and before_qty > 0
        and (after_qty >= 5 * before_qty or after_qty * 5 <= before_qty)
),
sold as (
    select suspect.item_id, suspect.scope_id, history.bucket_index, history.sales_qty as qty
    from history
    join suspect on suspect.item_id = history.item_id and suspect.scope_id in ('*', history.location_id)
    where history.sales_qty > 0
),
-- units that became packs: from the first bucket after the last sale of no whole packs
packed_from as (
    select sold.item_id, sold.scope_id, factor.factor, max(sold.bucket_index) as bucket_index
    from sold
    cross join factor
    where abs(sold.qty / factor.factor - round(sold.qty / factor.factor)) > 1e-6
    group by all
),
packed as (
    select packed_from.item_id, packed_from.scope_id, packed_from.factor, min(sold.bucket_index) as bucket_index
    from packed_from
    join sold
        on sold.item_id = packed_from.item_id
        and sold.scope_id = packed_from.scope_id
        and sold.bucket_index > packed_from.bucket_index
    group by all
),
-- packs that became parts of units: from the first sale of no whole units
divided as (
    select sold.item_id, sold.scope_id, factor.factor, min(sold.bucket_index) as bucket_index
    from sold
    cross join factor
    where abs(sold.qty - round(sold.qty)) > 1e-6
    group by all
),
candidate as (
    select item_id, scope_id, factor, bucket_index, true as is_up from packed
    union all
    select item_id, scope_id, factor, bucket_index, false from divided
),
counted as (
    select
        candidate.item_id,
        candidate.scope_id,
        candidate.factor,
        candidate.bucket_index,
        candidate.is_up,
        count(*) as after_count,
        count(*) filter (
            where abs(sold.qty * candidate.factor - round(sold.qty * candidate.factor)) > 0.01 * candidate.factor
        ) as uneven_count
    from candidate
    join sold
        on sold.item_id = candidate.item_id
        and sold.scope_id = candidate.scope_id
        and sold.bucket_index >= candidate.bucket_index
    group by all
),
sales_found as (
    select
        counted.item_id,
        counted.scope_id,
        counted.bucket_index,
        case when counted.is_up then counted.factor else 1 / counted.factor end as factor
    from counted
    join split
        on split.item_id = counted.item_id
        and split.scope_id = counted.scope_id
        and split.bucket_index = counted.bucket_index
    cross join night
    where split.is_searched
        and split.before_count >= 8
        and split.before_qty > 0
        and counted.factor >= 5
        and pow(counted.factor, -counted.after_count) < night.chance_share
        and case when counted.is_up then split.after_qty / split.before_qty else split.before_qty / split.after_qty end
        between counted.factor / 2 and counted.factor * 2
        and (counted.is_up or counted.uneven_count = 0)
        and not exists (
            from core.event_bucket as event
            where event.item_id = counted.item_id
                and counted.scope_id in ('*', event.location_id)
                and event.bucket_index >= counted.bucket_index
                and event.bucket_index < 0
        )
    -- of packs the largest that divides all, of parts the fewest that make whole units
    qualify row_number() over (
        partition by counted.item_id, counted.scope_id
        order by counted.is_up desc, case when counted.is_up then -counted.factor else counted.factor end
    ) = 1
),
sales_jump as (
    select
        history.item_id,
        history.location_id,
        found.bucket_index,
        found.factor,
        coalesce(avg(history.sales_qty) filter (where history.bucket_index < found.bucket_index), 0) as before_qty,
        avg(history.sales_qty) filter (where history.bucket_index >= found.bucket_index) as after_qty
    from history
    join sales_found as found on found.item_id = history.item_id and found.scope_id in ('*', history.location_id)
    group by history.item_id, history.location_id, found.scope_id, found.bucket_index, found.factor
    having bool_or(history.bucket_index >= found.bucket_index and history.sales_qty > 0)
    qualify row_number() over (partition by history.item_id, history.location_id order by found.scope_id = '*' desc) = 1
),
-- stock ----------------------------------------------------------------------------------------------------------
ledger as (
    select
        history.item_id,
        history.location_id,
        history.bucket_index,
        history.opening_qty + case when night.has_receipts then history.receipt_qty else 0 end as had_qty,
        greatest(0, history.sales_qty) as sold_qty,
        history.closing_qty
    from history
    cross join night
    where history.is_searched
        and history.opening_qty + case when night.has_receipts then history.receipt_qty else 0 end >= 3
        and history.closing_qty > 0
),
exact as (
    select
        ledger.*,
        factor.factor,
        ledger.had_qty - ledger.sold_qty as due_qty
    from ledger
    join factor
        on (
            ledger.closing_qty >= 4 * ledger.had_qty
            and ledger.closing_qty between (ledger.had_qty - ledger.sold_qty) * factor.factor - 1e-6
            and ledger.had_qty * factor.factor - ledger.sold_qty + 1e-6
        )
        or (
            ledger.closing_qty * 4 <= ledger.had_qty - ledger.sold_qty
            and abs(ledger.closing_qty * factor.factor - (ledger.had_qty - ledger.sold_qty)) <= 0.01 * ledger.had_qty
        )
    where ledger.had_qty > ledger.sold_qty and factor.factor >= 5
),
agreed as (
    select
        exact.item_id,
        exact.bucket_index,
        exact.factor,
        exact.closing_qty > exact.had_qty as is_up,
        count(*) as node_count
    from exact
    group by all
),
had as (
    select item_id, bucket_index, count(*) as node_count
    from ledger
    group by item_id, bucket_index
),
stock_split as (
    select agreed.*
    from agreed
    join had on had.item_id = agreed.item_id and had.bucket_index = agreed.bucket_index
    cross join night
    where agreed.node_count >= case when night.has_receipts then 2 else 3 end
        and agreed.node_count >= 0.6 * had.node_count
    qualify row_number() over (
        partition by agreed.item_id, agreed.bucket_index order by agreed.node_count desc, agreed.factor desc
    ) = 1
),
unmended as (
    select stock_split.*
    from stock_split
    where not exists (
        from stock_split as back
        where back.item_id = stock_split.item_id
            and back.factor = stock_split.factor
            and back.is_up <> stock_split.is_up
    )
    qualify row_number() over (partition by stock_split.item_id order by stock_split.bucket_index desc) = 1
),
stock_jump as (
    select exact.item_id, exact.location_id, exact.bucket_index, case when unmended.is_up then exact.factor else 1 / exact.factor end
        as factor, exact.due_qty, exact.closing_qty
    from exact
    join unmended
        on unmended.item_id = exact.item_id
        and unmended.bucket_index = exact.bucket_index
        and unmended.factor = exact.factor
        and unmended.is_up = (exact.closing_qty > exact.had_qty)
)
select jump.item_id, jump.location_id, jump.feed, bucket.bucket_start as first_date, jump.factor as factor_rate,
    jump.before_qty, jump.after_qty
from (
    select item_id, location_id, 'sales' as feed, bucket_index, factor, before_qty, after_qty from sales_jump
    union all
    select item_id, location_id, 'stock', bucket_index, factor, due_qty, closing_qty from stock_jump
) as jump
join core.bucket as bucket on bucket.bucket_index = jump.bucket_index
order by jump.item_id, jump.location_id, jump.feed
