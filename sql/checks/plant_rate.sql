-- The rates of a work centre are ratios of the sums in its log: effectiveness is availability times performance times
-- quality, cycle time and throughput are hours and days over good units.
with logged as (
    select
        figure.work_center_id,
        figure.span,
        figure.week_start,
        sum(line.down_hours) as down_hours,
        sum(line.scrap_qty) as scrap_qty,
        count(distinct line.date) filter (where line.run_hours > 0) as run_days,
        bool_and(line.ideal_qty_per_hour > 0) as is_all_known
    from plan.plant_figure as figure
    join core.plant_log as line
        on line.work_center_id = figure.work_center_id
        and line.date between figure.week_start and case figure.span when 'week' then figure.week_start + 6 else as_of() end
    group by all
)
select figure.work_center_id, figure.span, figure.week_start, figure.availability_rate, figure.performance_rate,
    figure.quality_rate, figure.oee_rate, figure.cycle_hours, figure.throughput_qty
from plan.plant_figure as figure
left join logged
    on logged.work_center_id = figure.work_center_id
    and logged.span = figure.span
    and logged.week_start = figure.week_start
where differs(figure.down_hours, coalesce(logged.down_hours, 0))
    or differs(figure.scrap_qty, coalesce(logged.scrap_qty, 0))
    or (figure.planned_hours > 0 and coalesce(differs(figure.availability_rate * figure.planned_hours, figure.run_hours), true))
    or figure.is_ideal_low <> coalesce(figure.performance_rate > 1 + 1e-9, false)
    or coalesce(differs(figure.cycle_hours * figure.good_qty, figure.run_hours), false)
    or (figure.cycle_hours is null) <> (figure.good_qty <= 0 or figure.run_hours <= 0)
    or coalesce(differs(figure.throughput_qty * logged.run_days, figure.good_qty), false)
    or (
        logged.is_all_known
        and figure.quality_rate > 0
        and coalesce(
            differs(figure.oee_rate, figure.availability_rate * figure.performance_rate * figure.quality_rate), true
        )
    )
