-- A category path without blanks or slashes at its ends; empty becomes null.
create or replace macro clean_path(path) as nullif(trim(path, ' /'), '');
