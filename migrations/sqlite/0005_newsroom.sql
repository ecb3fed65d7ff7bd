-- What a newsroom needs to know: feeds that fail, stories told by several feeds, openings, pushed articles, drafts that
-- are worked on, and readers who take a part of an edition.

ALTER TABLE feeds ADD COLUMN kind TEXT NOT NULL DEFAULT 'news' CHECK (kind IN ('news', 'opening'));
-- How long an opening of this feed is open if it does not say.
ALTER TABLE feeds ADD COLUMN opening_life_ms BIGINT;
-- The language of its items if neither they nor the feed say.
ALTER TABLE feeds ADD COLUMN language TEXT;
-- Not before this: the server asked for it, or it keeps failing.
ALTER TABLE feeds ADD COLUMN next_visit_ms BIGINT;
ALTER TABLE feeds ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN failing_since_ms BIGINT;
ALTER TABLE feeds ADD COLUMN paused_ms BIGINT;
ALTER TABLE feeds ADD COLUMN pause_reason TEXT CHECK ((paused_ms IS NULL) = (pause_reason IS NULL));
-- The address it was added with, once a permanent redirect has changed it.
ALTER TABLE feeds ADD COLUMN added_as TEXT;

ALTER TABLE articles ADD COLUMN kind TEXT NOT NULL DEFAULT 'news' CHECK (kind IN ('news', 'opening'));
ALTER TABLE articles ADD COLUMN place TEXT;
ALTER TABLE articles ADD COLUMN company TEXT;
ALTER TABLE articles ADD COLUMN pay TEXT;
ALTER TABLE articles ADD COLUMN image_url TEXT;
ALTER TABLE articles ADD COLUMN image_alt TEXT;
ALTER TABLE articles ADD COLUMN image_credit TEXT;
-- The link without what differs from visitor to visitor: two articles with the same one are one story.
ALTER TABLE articles ADD COLUMN canonical_url TEXT;
-- The title without what differs from source to source.
ALTER TABLE articles ADD COLUMN title_key TEXT;
-- The article that told this story first; none if it was this one.
ALTER TABLE articles ADD COLUMN story_id BIGINT REFERENCES articles (id);
-- Taken back by whoever pushed it.
ALTER TABLE articles ADD COLUMN withdrawn_ms BIGINT;
ALTER TABLE articles ADD COLUMN updated_ms BIGINT;
CREATE INDEX articles_canonical ON articles (canonical_url) WHERE canonical_url IS NOT NULL;
CREATE INDEX articles_story ON articles (story_id) WHERE story_id IS NOT NULL;
CREATE INDEX articles_seen ON articles (first_seen_ms, id);
-- NULL differs from NULL, so the key of feed and guid does not hold for those without a feed.
CREATE UNIQUE INDEX articles_pushed ON articles (guid) WHERE feed_id IS NULL;

-- Why an edition never printed an article.
CREATE TABLE set_asides (
    edition TEXT NOT NULL,
    article_id BIGINT NOT NULL REFERENCES articles (id),
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (edition, article_id)
);
CREATE INDEX set_asides_article ON set_asides (article_id);

-- Who may use the API.
CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    -- SHA-256 of the token, which is random and long, so that a plain hash is enough.
    token_hash BLOB NOT NULL UNIQUE,
    -- Words with a space between them.
    scopes TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    last_used_ms BIGINT,
    revoked_ms BIGINT
);

-- What the editor wrote; none is what the templates say.
ALTER TABLE issues ADD COLUMN subject TEXT;
-- Markdown.
ALTER TABLE issues ADD COLUMN introduction TEXT;
-- The revision the operator was shown last, and when.
ALTER TABLE issues ADD COLUMN previewed_revision BIGINT;
ALTER TABLE issues ADD COLUMN previewed_ms BIGINT;
ALTER TABLE issues ADD COLUMN held_ms BIGINT;
ALTER TABLE issues ADD COLUMN approved_ms BIGINT;
-- When the operator was told how it went.
ALTER TABLE issues ADD COLUMN reported_ms BIGINT;

ALTER TABLE issue_items ADD COLUMN pinned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE issue_items ADD COLUMN lead BIGINT NOT NULL DEFAULT 0;
-- What the editor wrote in the place of the article's words.
ALTER TABLE issue_items ADD COLUMN edited_title TEXT;
ALTER TABLE issue_items ADD COLUMN edited_summary TEXT;
-- As printed, like the columns before them.
ALTER TABLE issue_items ADD COLUMN kind TEXT;
ALTER TABLE issue_items ADD COLUMN place TEXT;
ALTER TABLE issue_items ADD COLUMN company TEXT;
ALTER TABLE issue_items ADD COLUMN pay TEXT;
ALTER TABLE issue_items ADD COLUMN image_url TEXT;
ALTER TABLE issue_items ADD COLUMN image_alt TEXT;
ALTER TABLE issue_items ADD COLUMN image_credit TEXT;
-- JSON: who else told the story, name and link.
ALTER TABLE issue_items ADD COLUMN also_at TEXT;

-- What was done to a draft, and how to undo it. Lines are added; undoing one only marks it.
CREATE TABLE issue_edits (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    issue_id BIGINT NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    at_ms BIGINT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    -- JSON: what was there before, and what came instead.
    before_json TEXT NOT NULL,
    after_json TEXT NOT NULL,
    undone_ms BIGINT
);
CREATE INDEX issue_edits_issue ON issue_edits (issue_id, id);

-- Which part of the edition a reader takes: the key of the variant of the letter they get, '' for all of it.
ALTER TABLE subscriptions ADD COLUMN variant TEXT NOT NULL DEFAULT '';
