-- An exception that says it holds proposals back has some on hold at its node, or for the key of an ERP it asks for, and
-- every line on hold for doubtful data has its exception: no hold without a reason that a person can find, with the money
-- at stake.
with held as (
    select distinct item_id, location_id, hold_cause, split_part(hold_cause, ':', 1) as code
    from plan.proposal
    where hold
),
raised as (
    select
        exception_id,
        code,
        item_id,
        location_id,
        regexp_replace(regexp_replace(cause_id, '^[^/]+/([^/]+)/', '\1 '), ' \*$', ' ') as missing
    from plan.exception
    where hold
),
explained as (
    select raised.exception_id, raised.code as raised_code, held.*
    from raised
    inner join held on held.item_id = raised.item_id and held.location_id = raised.location_id
    union all
    select raised.exception_id, raised.code, held.*
    from raised
    inner join held on contains(held.hold_cause, raised.missing)
    where raised.location_id is null and held.hold_cause like '%: add it to erp_key'
)
select exception_id as id, code, item_id, location_id, 'holds nothing' as reason
from raised
where exception_id not in (select exception_id from explained)
union all
select null, held.code, held.item_id, held.location_id, 'no exception'
from held
where held.code in ('DATA_INVALID', 'GHOST_STOCK')
    and not exists (
        from explained
        where explained.item_id = held.item_id
            and explained.location_id = held.location_id
            and explained.hold_cause = held.hold_cause
            and explained.raised_code = held.code
    )
