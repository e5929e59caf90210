-- An identifier or word without blanks at its ends; empty becomes null.
create or replace macro clean_text(text) as nullif(trim(text), '');
