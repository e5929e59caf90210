-- Whether two numbers differ by more than a millionth of the larger one (or of one unit): the tolerance of every check.
create or replace macro differs(one, other) as
    not isfinite(one) or not isfinite(other) or abs(one - other) > 1e-6 * greatest(1, abs(one), abs(other));
