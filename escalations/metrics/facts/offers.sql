SELECT offer.case_id, offer.offered_at AS at, escalation.agent_version_id AS version_id, escalation.queue_id,
       offer.outcome AS part, offer.operator_id::text AS label,
       date_part('epoch', offer.ended_at - offer.offered_at) AS value, true AS settled
FROM escalations_offer offer
JOIN escalations_escalation escalation ON escalation.id = offer.case_id
WHERE offer.outcome IN ('accepted', 'declined', 'missed')
