-- The steps of the running clocks in `ringing` that are still to tell of, and when each is reached.
-- What counts are the clocks, not what the timer says: it may have been set before they moved.
, clock AS (
    SELECT escalation.id AS case_id, escalation.version, escalation.waited_seconds, queue.calendar_id, face.*,
           escalation.clock_started_at AS started_at
    FROM ringing
    JOIN escalations_escalation escalation ON escalation.id = ringing.case_id
    JOIN escalations_queue queue ON queue.id = escalation.queue_id
    JOIN LATERAL (VALUES
        -- Until the first claim of the cycle; a release or a transfer does not start it again.
        ('pickup', ARRAY[50, 75, 90, 100], escalation.pickup_due_at,
         escalation.picked_up_at IS NULL),
        ('resolution', ARRAY[50, 75, 90, 100], escalation.due_at, true),
        ('response', ARRAY[100], escalation.response_due_at, escalation.response_due_at IS NOT NULL)
    ) face (kind, percents, due_at, runs) ON face.kind = ringing.kind AND face.runs
    WHERE escalation.closed_at IS NULL AND escalation.paused_at IS NULL
),
measured AS (
    SELECT clock.*,
           greatest(0, business_seconds(calendar_id, started_at, due_at) - waited_seconds) AS whole,
           coalesce((
               SELECT max(timer.percent) FROM escalations_timer timer
               WHERE timer.case_id = clock.case_id AND timer.kind = clock.kind
                 AND timer.fired_at >= CASE clock.kind WHEN 'response' THEN clock.due_at ELSE clock.started_at END
           ), 0) AS told
    FROM clock
),
step AS (
    SELECT case_id, version, kind, percent,
           CASE percent WHEN 100 THEN due_at
                ELSE business_deadline(calendar_id, started_at, waited_seconds + whole * percent / 100) END AS due_at
    FROM measured, unnest(percents) percent
    WHERE percent > told
)
