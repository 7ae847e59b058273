-- To approve one must at least read the question: 2 s, and a second for each 20 characters.
SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN resolution.handle_seconds < 2 + length(escalation.headline) / 20.0 THEN 'hasty'
            ELSE 'considered' END AS part,
       resolution.operator_id::text AS label, resolution.handle_seconds AS value, true AS settled
FROM escalations_escalation escalation
JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
WHERE escalation.state = 'resolved' AND resolution.decision = 'approve' AND resolution.operator_id IS NOT NULL
