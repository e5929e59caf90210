"""The data dictionary: one class a table, grouped by layer. Nothing here reads or writes."""
