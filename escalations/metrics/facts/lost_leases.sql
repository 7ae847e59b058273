SELECT claim.case_id, claim.started_at AS at, escalation.agent_version_id AS version_id, escalation.queue_id,
       CASE WHEN claim.outcome = 'lost' THEN 'lost' ELSE 'ended' END AS part, claim.operator_id::text AS label,
       NULL::float8 AS value, true AS settled
FROM escalations_claim claim
JOIN escalations_escalation escalation ON escalation.id = claim.case_id
WHERE claim.ended_at IS NOT NULL
