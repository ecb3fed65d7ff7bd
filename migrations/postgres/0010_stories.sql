-- Articles that nobody has looked at yet, to say which story they tell.
CREATE INDEX articles_untold ON articles (id) WHERE canonical_url IS NULL;
