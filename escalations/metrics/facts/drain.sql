-- As the wall says it of each queue: backlog × mean handle time ÷ what those who are available can hold at once.
WITH ready AS MATERIALIZED (
    SELECT member.queue_id, sum(operator.capacity) AS capacity
    FROM escalations_presence presence
    JOIN escalations_operator operator ON operator.id = presence.operator_id AND operator.is_active
    JOIN escalations_operator_queues member ON member.operator_id = operator.id
    WHERE presence.availability = 'available'
      AND presence.seen_at > statement_timestamp() - %(silent)s::interval
    GROUP BY member.queue_id
)
SELECT escalation.id AS case_id, escalation.received_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, CASE WHEN ready.capacity > 0 THEN 'served' ELSE 'deserted' END AS part, '' AS label,
       count(*) OVER (PARTITION BY escalation.queue_id) * queue.mean_handle_seconds::float8
           / nullif(ready.capacity, 0) AS value,
       false AS settled
FROM escalations_escalation escalation
JOIN escalations_queue queue ON queue.id = escalation.queue_id
LEFT JOIN ready ON ready.queue_id = escalation.queue_id
WHERE escalation.state IN ('queued', 'claimed', 'waiting', 'snoozed')
