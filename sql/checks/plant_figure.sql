-- Figures of the plant are those of its log and of its orders: every line of the last 13 weeks counts once in its week and
-- once in the total, effectiveness is the ideal hours of the good output over the hours planned, and dates kept are those
-- of the orders due.
with span as (
    select 'week' as span, as_of() - 90 + 7 * number as first_day, as_of() - 84 + 7 * number as last_day
    from (select unnest(range(13))::integer as number)
    union all
    select 'total', as_of() - 90, as_of()
),
logged as (
    select
        line.work_center_id,
        span.span,
        span.first_day as week_start,
        sum(line.planned_hours) as planned_hours,
        sum(line.run_hours) as run_hours,
        sum(line.good_qty) as good_qty,
        sum(line.good_qty / line.ideal_qty_per_hour) filter (line.ideal_qty_per_hour > 0) as ideal_hours,
        sum(line.planned_hours) filter (line.ideal_qty_per_hour > 0) as known_hours
    from core.plant_log as line
    join span on line.date between span.first_day and span.last_day
    group by all
),
passed as (
    select distinct item_id, location_id, work_center_id
    from core.operation
    where alternate_rank = 1
),
due as (
    select
        passed.work_center_id,
        span.span,
        span.first_day as week_start,
        avg((coalesce(line.finish_date, date '9999-01-01') <= line.due_date)::integer) as adherence_share
    from core.production_order as line
    join passed on passed.item_id = line.item_id and passed.location_id = line.source_id
    join span on line.due_date between span.first_day and span.last_day
    group by all
),
expected as (
    select
        work_center_id,
        span,
        week_start,
        coalesce(logged.planned_hours, 0) as planned_hours,
        coalesce(logged.run_hours, 0) as run_hours,
        coalesce(logged.good_qty, 0) as good_qty,
        case
            when logged.run_hours > 0 then logged.ideal_hours / nullif(logged.known_hours, 0)
            when logged.planned_hours > 0 then 0
        end as oee_rate,
        due.adherence_share
    from logged
    full join due using (work_center_id, span, week_start)
)
select
    coalesce(figure.work_center_id, expected.work_center_id) as work_center_id,
    coalesce(figure.span, expected.span) as span,
    coalesce(figure.week_start, expected.week_start) as week_start,
    figure.oee_rate,
    expected.oee_rate as expected_oee_rate
from plan.plant_figure as figure
full join expected
    on expected.work_center_id = figure.work_center_id
    and expected.span = figure.span
    and expected.week_start = figure.week_start
where figure.work_center_id is null
    or expected.work_center_id is null
    or differs(figure.planned_hours, expected.planned_hours)
    or differs(figure.run_hours, expected.run_hours)
    or differs(figure.good_qty, expected.good_qty)
    or differs(coalesce(figure.oee_rate, -1), coalesce(expected.oee_rate, -1))
    or differs(coalesce(figure.adherence_share, -1), coalesce(expected.adherence_share, -1))
