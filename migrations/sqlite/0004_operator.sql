-- What the operator knows and decides about mail whose fate nobody could know.

-- Decisions about deliveries of unknown fate. Lines are added and never changed.
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    delivery_id BIGINT NOT NULL REFERENCES deliveries (id),
    decision TEXT NOT NULL CHECK (decision IN ('resend', 'accept')),
    at_ms BIGINT NOT NULL
);
CREATE INDEX decisions_delivery ON decisions (delivery_id, at_ms);

-- What was saved from senders that died, each time some of it was mail.
CREATE TABLE recoveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- Who took over.
    node TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    requeued BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    -- Where the issues on their way stood at that moment.
    accepted BIGINT NOT NULL,
    remaining BIGINT NOT NULL
);

-- Which deliveries became unknown by it. Few: no more than the connections had in hand.
CREATE TABLE recovery_unknowns (
    recovery_id BIGINT NOT NULL REFERENCES recoveries (id),
    delivery_id BIGINT NOT NULL REFERENCES deliveries (id),
    PRIMARY KEY (recovery_id, delivery_id)
);
