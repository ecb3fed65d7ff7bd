-- Pictures of articles, drawn anew by us, so that a mail shows them from our host and tells no other who reads it. There
-- are only those of articles that stood in a draft: what is not here is not served.
CREATE TABLE images (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- Where the article says the picture is.
    source_url TEXT NOT NULL,
    size TEXT NOT NULL CHECK (size IN ('large', 'small')),
    -- Of the content: the name it is served under. A picture that could not be had has none, and none of what follows.
    hash TEXT,
    width BIGINT,
    height BIGINT,
    content_type TEXT,
    bytes BLOB,
    fetched_ms BIGINT NOT NULL,
    -- Why it could not be had.
    error TEXT CHECK ((error IS NULL) = (hash IS NOT NULL)),
    UNIQUE (source_url, size)
);
CREATE INDEX images_hash ON images (hash) WHERE hash IS NOT NULL;
CREATE INDEX images_fetched ON images (fetched_ms);
