-- Last closed day: the one place where SQL learns which night it is.
create or replace macro as_of() as (select night.as_of from meta.night as night);
