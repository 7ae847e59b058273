-- Those that are still on their way are not counted yet.
SELECT delivery.case_id, delivery.created_at AS at, escalation.agent_version_id AS version_id, escalation.queue_id,
       delivery.state AS part, delivery.event_type AS label,
       date_part('epoch', delivery.delivered_at - delivery.created_at) AS value, true AS settled
FROM agents_api_webhookdelivery delivery
LEFT JOIN escalations_escalation escalation ON escalation.id = delivery.case_id
WHERE delivery.state IN ('delivered', 'failed')
