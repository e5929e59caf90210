-- A sum that does not depend on the order of its rows (binary sums do, in their last digits): six decimals, exact.
create or replace macro exact_sum(amount) as cast(sum(try_cast(amount as decimal(38, 6))) as double);
