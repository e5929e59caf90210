-- One row per work centre and change of set-up family.
select work_center_id, from_family, to_family, hours
from staging.setup_change
order by work_center_id, from_family, to_family
