-- Whether a line of a bill of materials can be planned with: a positive quantity for a positive base, not all scrap.
create or replace macro is_bill_line_sound(qty_per, base_qty, scrap_rate) as
    isfinite(qty_per) and qty_per > 0 and coalesce(base_qty, 1) > 0 and coalesce(scrap_rate, 0) < 1;
