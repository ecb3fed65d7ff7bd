-- How fast mail may leave, shared by all nodes and kept over restarts: one row for the installation, one for each relay
-- and domain that has a limit or was slowed down.
CREATE TABLE paces (
    -- 'installation', 'relay:NAME' or 'domain:NAME'.
    key TEXT PRIMARY KEY NOT NULL,
    -- Everything granted so far is paid for at this moment. In microseconds: fast relays take many mails a millisecond.
    paid_us BIGINT NOT NULL,
    -- Mails an hour, while it is slowed down. The rest of the row belongs to it.
    slowed_per_hour BIGINT,
    -- What it was getting when it was slowed down first.
    slowed_from_per_hour BIGINT,
    slowed_ms BIGINT,
    -- When its rate was changed last, down or up.
    changed_ms BIGINT,
    paused_until_ms BIGINT,
    -- How many pauses there were in a row: the next one is longer.
    pauses BIGINT,
    -- The codes of the complaint, and no words: relays repeat addresses in them.
    why TEXT
);

-- How many mails of issues were handed over on a day of the warm-up plan.
CREATE TABLE warm_up_days (
    -- In the time zone of the first edition, as 2026-12-01.
    day TEXT PRIMARY KEY NOT NULL,
    sent BIGINT NOT NULL
);

-- The domain whose turn a delivery waits for, once it was found that the domain may not be sent to at full speed. Such
-- lines have an index of their own, so that a hundred thousand of them are not in the way of the others.
ALTER TABLE deliveries ADD COLUMN lane TEXT;
DROP INDEX IF EXISTS deliveries_due;
CREATE INDEX deliveries_due ON deliveries (priority DESC, due_ms, id) WHERE state = 'queued' AND lane IS NULL;
CREATE INDEX deliveries_lane ON deliveries (lane, priority DESC, due_ms, id) WHERE state = 'queued' AND lane IS NOT NULL;
