-- What readers choose of an edition, and whom an issue had nothing for.

-- The choices (keys of letters' variants) of which an issue had nothing: whoever had made one got no mail of it.
CREATE TABLE issue_unserved (
    issue_id BIGINT NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    variant TEXT NOT NULL,
    PRIMARY KEY (issue_id, variant)
);
-- Most take everything; the few that do not are found without reading the others.
CREATE INDEX subscriptions_chosen ON subscriptions (edition, variant) WHERE variant <> '';
-- Who has confirmed since an issue was sealed, for a welcome.
CREATE INDEX subscribers_confirmed ON subscribers (confirmed_ms) WHERE state = 'confirmed';
-- JSON: the editions a visitor ticked; none where the form offered no choice.
ALTER TABLE sign_ups ADD COLUMN editions TEXT;
