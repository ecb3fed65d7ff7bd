-- Every mail changes its line three times, and claims read past what that leaves behind in the indexes. By default it is
-- cleaned away when it is a fifth of the whole ledger, which for an old ledger is never.
ALTER TABLE deliveries SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
