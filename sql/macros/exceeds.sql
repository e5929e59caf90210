-- Whether a number is greater than its limit by more than a millionth of the larger one (or of one unit).
create or replace macro exceeds(number, most) as
    not isfinite(number) or number - most > 1e-6 * greatest(1, abs(number), abs(most));
