-- Of decisions that were not undone.
SELECT resolution.case_id, resolution.created_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, CASE WHEN suggestion.accepted THEN 'accepted' ELSE 'overridden' END AS part,
       suggestion.detector AS label, NULL::float8 AS value, true AS settled
FROM escalations_resolution resolution
JOIN escalations_labelsuggestion suggestion ON suggestion.resolution_id = resolution.id
JOIN escalations_escalation escalation ON escalation.id = resolution.case_id
WHERE NOT EXISTS (SELECT FROM escalations_claim claim WHERE claim.case_id = resolution.case_id
                  AND claim.token = resolution.lease_token + 1 AND claim.how = 'undone')
