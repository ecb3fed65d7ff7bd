-- What the operator is told, and who did what.

-- When the operator was told that the feed was paused without a hand of theirs; none: it is not paused, or they have yet
-- to be told. It is written in the transaction that queues the mail.
ALTER TABLE feeds ADD COLUMN told_ms BIGINT;
-- What was paused before this column is in the log and in the mails of its day.
UPDATE feeds SET told_ms = paused_ms WHERE paused_ms IS NOT NULL;

-- Who undid it, like `who`; none of what was undone before this column.
ALTER TABLE issue_edits ADD COLUMN undone_by TEXT;
