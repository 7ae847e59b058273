-- The first cases of each queue that wait.
SELECT waiting.id
FROM escalations_queue queue,
LATERAL (
    SELECT escalation.id
    FROM escalations_escalation escalation
    WHERE escalation.queue_id = queue.id AND escalation.state IN ('queued', 'claimed')
      AND (escalation.state = 'queued' OR escalation.lease_expires_at <= statement_timestamp())
      AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp())
    ORDER BY escalation.rank, escalation.due_at, escalation.received_at, escalation.id
    LIMIT %(limit)s::int
) waiting;
