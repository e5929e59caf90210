-- First day of the week a day lies in, for weeks that start on a weekday from 1 (Monday) to 7 (Sunday).
create or replace macro week_start_of(day, first_weekday) as
    (day - ((isodow(day) - first_weekday + 7) % 7)::integer);
