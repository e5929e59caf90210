-- Grain: one row a table, file, rule and column. Why rows were left out, with up to three of them to look at.
select
    table_name,
    file,
    rule,
    "column",
    is_set_aside,
    cast(count(*) as integer) as row_count,
    list(row order by row)[1:3] as example_rows,
    list(coalesce(value, '') order by row)[1:3] as example_values
from raw.reject
group by table_name, file, rule, "column", is_set_aside
order by is_set_aside, row_count desc, table_name, file, rule, "column"
