SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, resolution.operator_id::text AS label, resolution.edit_distance AS value,
       true AS settled
FROM escalations_escalation escalation
JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
WHERE escalation.state = 'resolved' AND resolution.edit_distance IS NOT NULL
