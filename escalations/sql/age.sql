-- Move cases up that have waited for another step: a class nearer to the first (docs/decisions/0002).
WITH due AS (
    SELECT escalation.id, queue.aging_seconds,
           greatest(0, escalation.priority - floor(
               extract(epoch FROM %(now)s::timestamptz - escalation.clock_started_at) / queue.aging_seconds))::int AS class
    FROM escalations_escalation escalation
    JOIN escalations_queue queue ON queue.id = escalation.queue_id
    WHERE escalation.ages_at <= %(now)s::timestamptz
      AND escalation.state IN ('queued', 'claimed', 'waiting', 'snoozed')
    ORDER BY escalation.ages_at
    LIMIT %(limit)s::int
    FOR NO KEY UPDATE OF escalation SKIP LOCKED
),
moved AS (
    UPDATE escalations_escalation escalation
    SET rank = due.class + CASE WHEN rank >= %(infeasible)s::bigint THEN %(infeasible)s::bigint ELSE 0 END,
        ages_at = CASE WHEN due.class > 0
                       THEN clock_started_at + make_interval(secs => (priority - due.class + 1) * due.aging_seconds) END
    FROM due WHERE escalation.id = due.id
    RETURNING escalation.id, escalation.version, due.class
),
logged AS (
    INSERT INTO escalations_event (case_id, kind, version, actor, data)
    SELECT moved.id, 'aged', moved.version, 'system', json_build_object('class', moved.class) FROM moved
)
SELECT moved.id FROM moved;
