-- Whether a line with an optional first and last day holds on a day.
create or replace macro is_valid_on(day, valid_from, valid_to) as
    (valid_from is null or valid_from <= day) and (valid_to is null or valid_to >= day);
