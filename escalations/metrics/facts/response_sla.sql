-- Who answers notes until when that was due; a decision that comes while an answer is owed answers, too.
SELECT escalation.id AS case_id, escalation.received_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN event.created_at <= (event.data ->> 'answer_due_at')::timestamptz THEN 'met' ELSE 'breached' END AS part,
       '' AS label, NULL::float8 AS value, true AS settled
FROM escalations_escalation escalation
JOIN escalations_event event ON event.case_id = escalation.id
WHERE event.kind IN ('said', 'asked') AND event.data ->> 'answer_due_at' IS NOT NULL
UNION ALL
SELECT escalation.id, escalation.received_at, escalation.agent_version_id, escalation.queue_id,
       CASE WHEN escalation.closed_at <= escalation.response_due_at THEN 'met' ELSE 'breached' END, '', NULL, true
FROM escalations_escalation escalation
WHERE escalation.closed_at > escalation.response_due_at
   OR (escalation.state = 'resolved' AND escalation.closed_at <= escalation.response_due_at)
UNION ALL
-- For a case that waits for a reply, time stands still.
SELECT escalation.id, escalation.received_at, escalation.agent_version_id, escalation.queue_id, 'breached', '', NULL,
       false
FROM escalations_escalation escalation
WHERE escalation.state IN ('queued', 'claimed', 'waiting', 'snoozed')
  AND escalation.response_due_at <= coalesce(escalation.paused_at, statement_timestamp())
