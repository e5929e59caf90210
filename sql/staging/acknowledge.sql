-- One row per proposal that was decided upon up to as-of; of two decisions the later load wins.
select
    clean_text(proposal_id) as proposal_id,
    clean_text(status) as status,
    clean_text(erp_order_id) as erp_order_id,
    qty,
    date,
    clean_text("user") as "user",
    clean_text(reason) as reason,
    "at",
    clean_text(run_id) as run_id
from raw.acknowledge
left join meta.load on load.load_id = acknowledge._load_id
where "at" is null or "at" <= as_of()
qualify row_number() over (
    partition by clean_text(acknowledge.proposal_id)
    order by load.file desc nulls last, _row desc, _load_id desc
) = 1
