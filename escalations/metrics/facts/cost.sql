SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, CASE WHEN escalation.cost_usd IS NOT NULL THEN 'reported' ELSE '' END AS part, '' AS label,
       coalesce(escalation.cost_usd::float8, 0)
           + coalesce(resolution.handle_seconds / 3600 * operator.hourly_cost_usd::float8, 0) AS value,
       true AS settled
FROM escalations_escalation escalation
JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
LEFT JOIN escalations_operator operator ON operator.id = resolution.operator_id
WHERE escalation.state = 'resolved'
