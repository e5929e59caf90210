-- Every exception has a value at stake that is a number and not below nothing.
select exception_id, code, value_at_stake
from plan.exception
where value_at_stake is null or not isfinite(value_at_stake) or value_at_stake < 0
