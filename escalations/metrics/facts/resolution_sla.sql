SELECT escalation.id AS case_id, escalation.received_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN escalation.closed_at <= escalation.due_at THEN 'met' ELSE 'breached' END AS part,
       '' AS label, NULL::float8 AS value, true AS settled
FROM escalations_escalation escalation
WHERE escalation.closed_at > escalation.due_at
   OR (escalation.state = 'resolved' AND escalation.closed_at <= escalation.due_at)
UNION ALL
-- For a case that waits for a reply, time stands still.
SELECT escalation.id, escalation.received_at, escalation.agent_version_id, escalation.queue_id, 'breached', '', NULL,
       false
FROM escalations_escalation escalation
WHERE escalation.state IN ('queued', 'claimed', 'waiting', 'snoozed')
  AND escalation.due_at <= coalesce(escalation.paused_at, statement_timestamp())
