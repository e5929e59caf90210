"""Rows that broke the contract, kept with the reason."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table


class Reject(Table):
    """One row a rejected row of a file."""

    load_id = c.key("load it came in with")
    row = c.index_key("row as a spreadsheet counts, the heading is row 1; counted anew where one became several")
    table_name = c.text("input table", required=True)
    file = c.text("file below the company folder, connection:source, or URL", required=True)
    column = c.text("column that broke the rule")
    rule = c.text("rule broken, or name of the mapping's filter", required=True)
    value = c.text("the value as it stood")
    is_set_aside = c.yes("left out by the mapping's own filter, not by the contract")
