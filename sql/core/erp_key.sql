-- One row per key of an ERP: what it calls a thing of ours, as handed in.
select * from staging.erp_key
