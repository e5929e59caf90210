-- Morning after as-of: the day on which tonight's orders are placed.
create or replace macro order_day() as (select night.as_of + 1 from meta.night as night);
