-- Forget the timers and offers of the next cases that closed long ago, in the order in which they closed.
-- One statement sees one moment: what a case that is reopened meanwhile gets, it does not see.
WITH reached AS (
    SELECT place FROM escalations_bookmark WHERE name = %(bookmark)s::text
    -- Another worker that is at it goes on from there.
    FOR UPDATE SKIP LOCKED
),
since AS (
    SELECT split_part(place, ' ', 1)::timestamptz AS closed_at, split_part(place, ' ', 2)::uuid AS id FROM reached
),
batch AS MATERIALIZED (
    SELECT escalation.id, escalation.closed_at
    FROM escalations_escalation escalation
    WHERE escalation.closed_at >= (SELECT closed_at FROM since)
      AND (escalation.closed_at, escalation.id) > (SELECT closed_at, id FROM since)
      AND escalation.closed_at < statement_timestamp() - %(kept)s::interval
    ORDER BY escalation.closed_at, escalation.id
    LIMIT %(limit)s::int
),
timers AS (
    DELETE FROM escalations_timer timer USING batch WHERE timer.case_id = batch.id
),
offers AS (
    DELETE FROM escalations_offer offer USING batch WHERE offer.case_id = batch.id AND offer.ended_at IS NOT NULL
),
moved AS (
    UPDATE escalations_bookmark SET place = last.place
    FROM (SELECT replace(closed_at::text, ' ', 'T') || ' ' || id AS place
          FROM batch ORDER BY closed_at DESC, id DESC LIMIT 1) last
    WHERE name = %(bookmark)s::text
)
SELECT count(*) AS cases FROM batch;
