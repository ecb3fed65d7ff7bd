-- no-transaction
-- A letter for each part of an edition that readers take.
--
-- SQLite cannot change a unique key of a table, only copy it; and it cannot do without foreign keys for a while inside of
-- a transaction that began with them. So this one makes its own, and does no harm if it is run again.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS letters_with_variants;
CREATE TABLE letters_with_variants (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- None for a confirmation.
    issue_id BIGINT REFERENCES issues (id) ON DELETE CASCADE,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    splice_key TEXT NOT NULL,
    -- JSON: sender and list headers.
    head TEXT NOT NULL,
    date_ms BIGINT NOT NULL,
    -- Which part of the edition it is; '' for all of it.
    variant TEXT NOT NULL DEFAULT '',
    UNIQUE (issue_id, language, variant)
);
INSERT INTO letters_with_variants (id, issue_id, language, subject, text, html, splice_key, head, date_ms)
    SELECT id, issue_id, language, subject, text, html, splice_key, head, date_ms FROM letters;
DROP TABLE letters;
ALTER TABLE letters_with_variants RENAME TO letters;
COMMIT;
PRAGMA foreign_keys = ON;
