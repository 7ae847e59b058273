SELECT escalation.id AS case_id, escalation.received_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN escalation.picked_up_at <= escalation.pickup_due_at THEN 'met' ELSE 'breached' END AS part,
       '' AS label, NULL::float8 AS value, true AS settled
FROM escalations_escalation escalation
WHERE escalation.picked_up_at IS NOT NULL OR escalation.closed_at > escalation.pickup_due_at
UNION ALL
SELECT escalation.id, escalation.received_at, escalation.agent_version_id, escalation.queue_id, 'breached', '', NULL,
       false
FROM escalations_escalation escalation
WHERE escalation.state IN ('queued', 'claimed', 'waiting', 'snoozed') AND escalation.picked_up_at IS NULL
  AND escalation.pickup_due_at <= statement_timestamp()
