-- Grain: one row, or none before the first backtest: what the newest one replayed, on which days it judged, and whether
-- the rule of the nights beat the company's own.
with judged as (
    select
        min(window_start) as first_day,
        max(window_end) as last_day,
        cast(count(distinct window_index) as integer) as window_count
    from core.backtest_outcome
    where phase = 'test'
),
yours as (
    select verdict, saved_rate, saved_low_rate, saved_high_rate, won_count
    from core.backtest_contest
    where rule = 'yours'
),
found as (
    select max(as_of) as as_of, min(dial) filter (where rule = 'curve') as dial
    from core.tuned
    having count(*) > 0
)
select
    found.as_of,
    replay.node_count,
    judged.first_day,
    judged.last_day,
    judged.window_count,
    found.dial as tuned_dial,
    yours.verdict as yours_verdict,
    yours.saved_rate as yours_saved_rate,
    yours.saved_low_rate as yours_saved_low_rate,
    yours.saved_high_rate as yours_saved_high_rate,
    yours.won_count as yours_won_count
from found
cross join judged
left join core.backtest_replay as replay on true
left join yours on true
