SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, CASE WHEN resolution.overrode THEN 'overrode' ELSE 'agreed' END AS part,
       -- Tenths of the confidence that the agent reported, if it did (`least` passes over NULL); 1.0 belongs to the
       -- highest.
       CASE WHEN escalation.confidence IS NULL THEN ''
            ELSE (least(9, floor(escalation.confidence * 10)) / 10)::numeric(3, 1)::text END AS label,
       NULL::float8 AS value, true AS settled
FROM escalations_escalation escalation
JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
WHERE escalation.state = 'resolved' AND resolution.overrode IS NOT NULL
