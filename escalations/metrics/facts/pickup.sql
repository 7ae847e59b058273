SELECT escalation.id AS case_id, escalation.first_claimed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, '' AS label,
       date_part('epoch', escalation.first_claimed_at - escalation.received_at) AS value, true AS settled
FROM escalations_escalation escalation
WHERE escalation.first_claimed_at IS NOT NULL
