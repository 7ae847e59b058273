-- A blind second look at the labels against the first one, in all that decides; gold items are none.
SELECT resolution.case_id, blind.submitted_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN review.state = 'agreed' THEN 'same' ELSE 'different' END AS part,
       first.operator_id::text AS label, NULL::float8 AS value, true AS settled
FROM escalations_labelrevision blind
JOIN escalations_review review ON review.blind_id = blind.id AND review.gold_id IS NULL
JOIN escalations_labelrevision first ON first.id = review.compared_id
JOIN escalations_resolution resolution ON resolution.id = blind.resolution_id
JOIN escalations_escalation escalation ON escalation.id = resolution.case_id
WHERE blind.kind = 'blind'
