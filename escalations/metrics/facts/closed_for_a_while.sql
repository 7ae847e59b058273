SELECT resolution.case_id, resolution.created_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, resolution.operator_id::text AS label, NULL::float8 AS value,
       true AS settled
FROM escalations_resolution resolution
JOIN escalations_escalation escalation ON escalation.id = resolution.case_id
WHERE resolution.superseded_at IS NOT NULL
