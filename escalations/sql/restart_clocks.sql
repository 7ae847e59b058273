-- One timer for each clock that runs: to the newest step that it has reached, else to the first to come.
, timed AS (
    INSERT INTO escalations_timer (case_id, kind, percent, due_at)
    SELECT DISTINCT ON (kind) case_id, kind, percent, due_at FROM step
    ORDER BY kind, due_at > %(now)s::timestamptz,
             CASE WHEN due_at > %(now)s::timestamptz THEN percent ELSE 100 - percent END
),
doomed AS (
    -- And one for when it cannot be saved any more, unless that was said already.
    INSERT INTO escalations_timer (case_id, kind, due_at)
    SELECT escalation.id, 'infeasible', escalation.expires_at - make_interval(secs => queue.mean_handle_seconds)
    FROM escalations_escalation escalation JOIN escalations_queue queue ON queue.id = escalation.queue_id
    WHERE escalation.id = %(case_id)s::uuid AND escalation.closed_at IS NULL
      AND escalation.expires_at IS NOT NULL AND escalation.rank < %(infeasible)s::bigint
)
SELECT count(*) FROM step;
