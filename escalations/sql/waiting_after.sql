-- The open cases that follow a place in the index of all queues, whether they wait.
SELECT escalation.id, escalation.queue_id, escalation.rank, escalation.due_at, escalation.received_at,
    (escalation.state = 'queued' OR escalation.state = 'claimed' AND escalation.lease_expires_at <= statement_timestamp())
    AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp()) AS waits
FROM escalations_escalation escalation
WHERE escalation.state IN ('queued', 'claimed', 'waiting', 'snoozed')
  AND (escalation.queue_id, escalation.rank, escalation.due_at, escalation.received_at, escalation.id)
    > (%(queue_id)s::bigint, %(rank)s::bigint, %(due_at)s::timestamptz, %(received_at)s::timestamptz, %(id)s::uuid)
ORDER BY escalation.queue_id, escalation.rank, escalation.due_at, escalation.received_at, escalation.id
LIMIT %(limit)s::int;
