-- The tables between the flows. Times are unix milliseconds, written by the program's clock.

CREATE TABLE subscribers (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- What links carry in the place of the address.
    public_id BLOB NOT NULL UNIQUE,
    -- As typed by its owner; the domain in A-labels.
    address TEXT NOT NULL,
    -- Normalised: two spellings of one mailbox are one subscriber.
    address_key TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'confirmed', 'unsubscribed', 'suppressed')),
    suppress_reason TEXT CHECK ((state = 'suppressed') = (suppress_reason IS NOT NULL)),
    created_ms BIGINT NOT NULL,
    confirmed_ms BIGINT,
    -- A sign-up nobody confirms is forgotten after this.
    pending_until_ms BIGINT
);
CREATE INDEX subscribers_pending ON subscribers (pending_until_ms) WHERE state = 'pending';

CREATE TABLE subscriptions (
    subscriber_id BIGINT NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    edition TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (subscriber_id, edition)
);
CREATE INDEX subscriptions_edition ON subscriptions (edition, subscriber_id);

-- The proof of consent. Lines are added and never changed; they go only with the subscriber, when erased.
CREATE TABLE consent_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    subscriber_id BIGINT NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    text_version TEXT,
    ip TEXT,
    user_agent TEXT,
    detail TEXT
);
CREATE INDEX consent_events_subscriber ON consent_events (subscriber_id, id);
CREATE TRIGGER consent_events_are_append_only BEFORE UPDATE ON consent_events
BEGIN
    SELECT RAISE(ABORT, 'consent events are append-only');
END;

-- Sign-ups as they came in. The page answers when the line is here, whoever the address belongs to, so that neither
-- answer nor time tells a stranger whether somebody is a subscriber.
CREATE TABLE sign_ups (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    text_version TEXT NOT NULL,
    ip TEXT,
    user_agent TEXT,
    at_ms BIGINT NOT NULL
);

-- When confirmations were asked for, by a keyed hash of the address: outlives the subscriber's row, so that nobody
-- can be bombed by signing up, expiring and signing up again.
CREATE TABLE confirmation_sends (
    address_hash BLOB NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX confirmation_sends_hash ON confirmation_sends (address_hash, at_ms);

-- Addresses that must not be written to although no subscriber row names them any more.
CREATE TABLE suppressions (
    address_hash BLOB PRIMARY KEY NOT NULL,
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

CREATE TABLE feeds (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    url TEXT NOT NULL UNIQUE,
    section TEXT NOT NULL,
    -- JSON object: the feed's own category, in lower case, to the section it leads to.
    category_sections TEXT NOT NULL,
    title TEXT,
    -- Sent back verbatim by the next conditional GET.
    etag TEXT,
    last_modified TEXT,
    last_fetch_ms BIGINT,
    last_success_ms BIGINT,
    last_error TEXT,
    created_ms BIGINT NOT NULL,
    -- A removed feed is only put away: added again, it does not repeat what readers had.
    removed_ms BIGINT
);

CREATE TABLE articles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- None for an article written by hand.
    feed_id BIGINT REFERENCES feeds (id),
    guid TEXT NOT NULL,
    source TEXT,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    summary TEXT NOT NULL,
    section TEXT NOT NULL,
    language TEXT,
    published_ms BIGINT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    closes_ms BIGINT,
    UNIQUE (feed_id, guid)
);
CREATE INDEX articles_section ON articles (section, published_ms, id);

CREATE TABLE editions (
    name TEXT PRIMARY KEY NOT NULL,
    -- Every slot up to this instant has become an issue or is recorded as skipped.
    considered_ms BIGINT NOT NULL
);

CREATE TABLE issues (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    edition TEXT NOT NULL,
    -- The civil time that names the issue. Unique, so that two schedulers make one issue of it.
    slot TEXT NOT NULL,
    number BIGINT UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('draft', 'sealed', 'sending', 'finished', 'skipped', 'cancelled')),
    reason TEXT CHECK ((state = 'skipped') = (reason IS NOT NULL)),
    scheduled_ms BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    sealed_ms BIGINT,
    released_ms BIGINT,
    finished_ms BIGINT,
    recipients BIGINT NOT NULL,
    -- Rises with every change to a draft: a seal names the revision it rendered.
    revision BIGINT NOT NULL,
    UNIQUE (edition, slot)
);
-- One draft at a time: a hand and a scheduler at the same moment work on the same one.
CREATE UNIQUE INDEX issues_draft ON issues (edition) WHERE state = 'draft';
CREATE INDEX issues_open ON issues (state) WHERE state IN ('draft', 'sealed', 'sending');

CREATE TABLE issue_items (
    issue_id BIGINT NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    -- Repeated here for the unique key below: an article is in one issue of an edition, or in none.
    edition TEXT NOT NULL,
    article_id BIGINT NOT NULL REFERENCES articles (id),
    section TEXT NOT NULL,
    position BIGINT NOT NULL,
    -- The text as printed; empty until the issue is sealed.
    title TEXT,
    url TEXT,
    summary TEXT,
    source TEXT,
    language TEXT,
    published_ms BIGINT,
    closes_ms BIGINT,
    PRIMARY KEY (issue_id, article_id),
    UNIQUE (edition, article_id)
);
CREATE INDEX issue_items_article ON issue_items (article_id);

-- What mails say, before they are addressed to anybody; frozen.
CREATE TABLE letters (
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
    UNIQUE (issue_id, language)
);

CREATE TABLE nodes (
    id TEXT PRIMARY KEY NOT NULL,
    started_ms BIGINT NOT NULL,
    lease_until_ms BIGINT NOT NULL
);

-- The ledger: one line for every mail, and what became of it.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    letter_id BIGINT NOT NULL REFERENCES letters (id),
    issue_id BIGINT REFERENCES issues (id),
    -- None for a test mail, and once its subscriber was erased.
    subscriber_id BIGINT REFERENCES subscribers (id),
    -- For a test mail only.
    address TEXT,
    state TEXT NOT NULL CHECK (
        state IN ('queued', 'claimed', 'offered', 'accepted', 'rejected', 'unknown', 'withdrawn', 'expired')
    ),
    priority BIGINT NOT NULL,
    -- When it may be claimed; for an unknown one, when it is queued again (never, if parked).
    due_ms BIGINT,
    attempts BIGINT NOT NULL,
    -- Who holds it, while claimed or offered, and the fence that tells this claim from the one before.
    node TEXT,
    fence BIGINT NOT NULL,
    relay TEXT,
    reply_code BIGINT,
    reply_text TEXT,
    created_ms BIGINT NOT NULL,
    offered_ms BIGINT,
    settled_ms BIGINT
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (issue_id, subscriber_id);
CREATE INDEX deliveries_due ON deliveries (priority DESC, due_ms, id) WHERE state = 'queued';
CREATE INDEX deliveries_held ON deliveries (node) WHERE state IN ('claimed', 'offered');
CREATE INDEX deliveries_unknown ON deliveries (due_ms) WHERE state = 'unknown';
CREATE INDEX deliveries_issue ON deliveries (issue_id, state);
CREATE INDEX deliveries_subscriber ON deliveries (subscriber_id);
