-- A blind second look at the labels against the first one, on whether the agent was right and what went wrong.
SELECT resolution.case_id, blind.submitted_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN blind.agent_correct = first.agent_correct AND blind.failure_primary = first.failure_primary
            THEN 'same' ELSE 'different' END AS part,
       first.operator_id::text AS label, NULL::float8 AS value, true AS settled
FROM escalations_labelrevision blind
JOIN escalations_labelrevision first ON first.resolution_id = blind.resolution_id AND first.kind = 'first'
JOIN escalations_resolution resolution ON resolution.id = blind.resolution_id
JOIN escalations_escalation escalation ON escalation.id = resolution.case_id
WHERE blind.kind = 'blind'
