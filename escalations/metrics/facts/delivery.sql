SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, '' AS label,
       greatest(0, date_part('epoch', escalation.delivered_at - coalesce(escalation.dispatch_at, escalation.closed_at))) AS value,
       true AS settled
FROM escalations_escalation escalation
WHERE escalation.state = 'resolved' AND escalation.delivered_at IS NOT NULL
