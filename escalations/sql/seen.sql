-- Note that a page of this person is open, unless that was noted a moment ago; say whether it is news. The newest
-- stay gets longer, or a new one begins where they came or their availability is another; no time is left between.
WITH before AS (SELECT seen_at FROM escalations_presence WHERE operator_id = %(operator_id)s),
last AS (
    SELECT id, availability, ended_at FROM escalations_stay
    WHERE operator_id = %(operator_id)s ORDER BY started_at DESC LIMIT 1
),
noted AS (
    INSERT INTO escalations_presence AS presence (operator_id, seen_at)
    VALUES (%(operator_id)s, statement_timestamp())
    ON CONFLICT (operator_id) DO UPDATE SET seen_at = statement_timestamp()
    WHERE presence.seen_at IS NULL OR presence.seen_at < statement_timestamp() - %(fresh)s::interval
    RETURNING availability, coalesce(
        (SELECT seen_at <= statement_timestamp() - %(silent)s::interval FROM before), true) AS came
),
longer AS (
    UPDATE escalations_stay stay SET ended_at = statement_timestamp()
    FROM noted, last
    WHERE stay.id = last.id AND last.availability = noted.availability
      AND last.ended_at > statement_timestamp() - %(connected)s::interval
    RETURNING stay.id
),
another AS (
    INSERT INTO escalations_stay (operator_id, availability, started_at, ended_at)
    SELECT %(operator_id)s, noted.availability,
           coalesce((SELECT ended_at FROM last WHERE ended_at > statement_timestamp() - %(connected)s::interval),
                    statement_timestamp()),
           statement_timestamp()
    FROM noted WHERE NOT EXISTS (SELECT FROM longer)
)
SELECT came FROM noted;
