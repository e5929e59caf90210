-- An exception that says it holds proposals back has some on hold at its node for its code, and every line on hold for
-- doubtful data has its exception: no hold without a reason that a person can find, with the money at stake. One that an
-- ERP's missing key raises names no location, and an item only where the item has none: it holds lines anywhere.
with held as (
    select distinct
        item_id,
        location_id,
        split_part(hold_cause, ':', 1) as code,
        hold_cause like '%: add it to erp_key' as lacks_key
    from plan.proposal
    where hold
)
select raised.exception_id as id, raised.code, raised.item_id, raised.location_id, 'holds nothing' as reason
from plan.exception as raised
where raised.hold
    and not exists (
        from held
        where (held.item_id = raised.item_id and held.location_id = raised.location_id)
            or (
                raised.location_id is null
                and held.lacks_key
                and held.item_id = coalesce(raised.item_id, held.item_id)
            )
    )
union all
select null, held.code, held.item_id, held.location_id, 'no exception'
from held
where held.code in ('DATA_INVALID', 'GHOST_STOCK')
    and not exists (
        from plan.exception as raised
        where raised.code = held.code
            and raised.hold
            and coalesce(raised.item_id, held.item_id) = held.item_id
            and coalesce(raised.location_id, held.location_id) = held.location_id
            and (raised.location_id is not null or held.lacks_key)
    )
