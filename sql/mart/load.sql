-- Grain: one row a file and table loaded. Rows in = rows loaded + rows rejected; rows set aside are among the rejected.
select
    table_name,
    file,
    row_count,
    loaded_count,
    rejected_count - set_aside_count as rejected_count,
    set_aside_count,
    case when row_count > 0 then (rejected_count - set_aside_count) / row_count end as rejected_share,
    ignored_columns
from meta.load
order by table_name, file, load_id
