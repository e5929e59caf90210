-- One row per supplier: who is bought from and on what terms, as handed in.
select * from staging.supplier
