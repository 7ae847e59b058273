SELECT claim.case_id, claim.ended_at AS at, escalation.agent_version_id AS version_id, escalation.queue_id,
       '' AS part, claim.operator_id::text AS label, NULL::float8 AS value, true AS settled
FROM escalations_claim claim
JOIN escalations_escalation escalation ON escalation.id = claim.case_id
WHERE claim.outcome = 'passed'
