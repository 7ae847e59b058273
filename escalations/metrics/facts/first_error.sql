SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, resolution.failure_primary AS part, resolution.first_error_index::text AS label,
       resolution.first_error_index::float8 AS value, true AS settled
FROM escalations_escalation escalation
JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
WHERE escalation.state = 'resolved' AND resolution.first_error_index IS NOT NULL
