-- One index serves two questions: whether a subscriber has this issue already, and what a subscriber has at all.
DROP INDEX deliveries_once;
DROP INDEX deliveries_subscriber;
CREATE UNIQUE INDEX deliveries_once ON deliveries (subscriber_id, issue_id);
