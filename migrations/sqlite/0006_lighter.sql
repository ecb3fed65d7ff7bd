-- The check of the state took a third of the time of freezing an issue: SQLite makes a table of the words behind IN for
-- every line it writes. The same check as a chain of comparisons costs nothing. A check cannot be changed, so the column
-- is replaced; the indexes that name it go and come back as they were.
DROP INDEX deliveries_due;
DROP INDEX deliveries_lane;
DROP INDEX deliveries_held;
DROP INDEX deliveries_unknown;
DROP INDEX deliveries_issue;
ALTER TABLE deliveries ADD COLUMN standing TEXT NOT NULL DEFAULT 'queued' CHECK (
    standing = 'queued' OR standing = 'claimed' OR standing = 'offered' OR standing = 'accepted'
    OR standing = 'rejected' OR standing = 'unknown' OR standing = 'withdrawn' OR standing = 'expired'
);
UPDATE deliveries SET standing = state;
ALTER TABLE deliveries DROP COLUMN state;
ALTER TABLE deliveries RENAME COLUMN standing TO state;
CREATE INDEX deliveries_due ON deliveries (priority DESC, due_ms, id) WHERE state = 'queued' AND lane IS NULL;
CREATE INDEX deliveries_lane ON deliveries (lane, priority DESC, due_ms, id) WHERE state = 'queued' AND lane IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (node) WHERE state IN ('claimed', 'offered');
CREATE INDEX deliveries_unknown ON deliveries (due_ms) WHERE state = 'unknown';
CREATE INDEX deliveries_issue ON deliveries (issue_id, state);
