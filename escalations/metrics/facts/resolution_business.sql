SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, '' AS label,
       greatest(0, business_seconds(queue.calendar_id, escalation.received_at, escalation.closed_at)
                   - escalation.waited_seconds) AS value,
       true AS settled
FROM escalations_escalation escalation
JOIN escalations_queue queue ON queue.id = escalation.queue_id
WHERE escalation.state = 'resolved'
