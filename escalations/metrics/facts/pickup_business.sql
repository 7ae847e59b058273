SELECT escalation.id AS case_id, escalation.first_claimed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, '' AS label,
       business_seconds(queue.calendar_id, escalation.received_at, escalation.first_claimed_at) AS value,
       true AS settled
FROM escalations_escalation escalation
JOIN escalations_queue queue ON queue.id = escalation.queue_id
WHERE escalation.first_claimed_at IS NOT NULL
