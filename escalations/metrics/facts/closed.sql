SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, escalation.state AS part, '' AS label, NULL::float8 AS value, true AS settled
FROM escalations_escalation escalation
WHERE escalation.state IN ('resolved', 'expired', 'cancelled')
