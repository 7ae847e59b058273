SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, '' AS label, escalation.retries::float8 AS value, true AS settled
FROM escalations_escalation escalation
WHERE escalation.state = 'resolved' AND escalation.retries IS NOT NULL
