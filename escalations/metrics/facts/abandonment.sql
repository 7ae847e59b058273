SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, '' AS label, NULL::float8 AS value, true AS settled
FROM escalations_escalation escalation
WHERE escalation.state = 'cancelled' AND escalation.first_claimed_at IS NULL
  AND escalation.closed_at >= escalation.received_at + interval '5 seconds'
