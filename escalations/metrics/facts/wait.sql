-- Until the first claim; who left before it, and who still waits, waited at least so long.
SELECT escalation.id AS case_id, escalation.received_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN escalation.first_claimed_at IS NOT NULL THEN 'claimed' ELSE 'left' END AS part, '' AS label,
       date_part('epoch', coalesce(escalation.first_claimed_at, escalation.closed_at) - escalation.received_at) AS value,
       true AS settled
FROM escalations_escalation escalation
WHERE escalation.first_claimed_at IS NOT NULL OR escalation.closed_at IS NOT NULL
UNION ALL
SELECT escalation.id, escalation.received_at, escalation.agent_version_id, escalation.queue_id, 'waiting', '',
       date_part('epoch', statement_timestamp() - escalation.received_at), false
FROM escalations_escalation escalation
WHERE escalation.state IN ('queued', 'claimed', 'waiting', 'snoozed') AND escalation.first_claimed_at IS NULL
