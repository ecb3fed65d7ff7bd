-- What of a draft the operator was shown last, as JSON, so that the next preview can say what changed since.
ALTER TABLE issues ADD COLUMN previewed_json TEXT;
