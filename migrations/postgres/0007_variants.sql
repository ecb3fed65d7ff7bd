-- A letter for each part of an edition that readers take.
ALTER TABLE letters ADD COLUMN variant TEXT NOT NULL DEFAULT '';
ALTER TABLE letters DROP CONSTRAINT letters_issue_id_language_key;
ALTER TABLE letters ADD UNIQUE (issue_id, language, variant);
