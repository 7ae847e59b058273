SELECT escalation.id AS case_id, escalation.received_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, escalation.reason AS label, NULL::float8 AS value, true AS settled
FROM escalations_escalation escalation
WHERE escalation.kind <> 'review'
