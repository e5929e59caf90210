-- Every row of every file is loaded or rejected: rows in are rows loaded plus rows rejected, and that many are there.
with loaded as (
    select _load_id as load_id, count(*) as row_count from raw.sales group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.stock group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.item group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.location group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.supplier group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.sourcing group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.price_break group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.open_order group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.receipt group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.lot group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.bom group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.routing group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.setup_change group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.work_center group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.calendar group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.event group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.policy group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.stock_count group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.production_log group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.acknowledge group by _load_id
    union all
    select _load_id as load_id, count(*) as row_count from raw.erp_key group by _load_id
),
rejected as (
    select load_id, count(*) as row_count
    from raw.reject
    group by load_id
)
select
    load.load_id,
    load.table_name,
    load.file,
    load.row_count,
    load.loaded_count,
    load.rejected_count,
    coalesce(loaded.row_count, 0) as rows_loaded,
    coalesce(rejected.row_count, 0) as rows_rejected
from meta.load as load
left join loaded on loaded.load_id = load.load_id
left join rejected on rejected.load_id = load.load_id
where load.row_count <> load.loaded_count + load.rejected_count
    or load.loaded_count <> coalesce(loaded.row_count, 0)
    or load.rejected_count <> coalesce(rejected.row_count, 0)
