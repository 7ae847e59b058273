-- Note that a page of this person is open, unless that was noted a moment ago; say whether it is news.
WITH before AS (SELECT seen_at FROM escalations_presence WHERE operator_id = %(operator_id)s)
INSERT INTO escalations_presence AS presence (operator_id, seen_at)
VALUES (%(operator_id)s, statement_timestamp())
ON CONFLICT (operator_id) DO UPDATE SET seen_at = statement_timestamp()
WHERE presence.seen_at IS NULL OR presence.seen_at < statement_timestamp() - %(fresh)s::interval
RETURNING coalesce(
    (SELECT seen_at <= statement_timestamp() - %(connected)s::interval FROM before), true) AS came;
