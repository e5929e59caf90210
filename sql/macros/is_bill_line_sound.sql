-- Whether a line of a bill of materials can be planned with: a positive quantity for a positive base, not all scrap, and
-- not more than a thousand million units of the component for one of the parent.
create or replace macro is_bill_line_sound(qty_per, base_qty, scrap_rate) as
    isfinite(qty_per) and qty_per > 0 and coalesce(base_qty, 1) > 0 and coalesce(scrap_rate, 0) < 1
    and qty_per <= 1e9 * coalesce(base_qty, 1) * (1 - coalesce(scrap_rate, 0));
