SELECT escalation.id AS case_id, escalation.received_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN escalation.received_at >= statement_timestamp() - interval '15 minutes' THEN 'fresh'
            WHEN escalation.received_at >= statement_timestamp() - interval '1 hour' THEN 'quarter'
            WHEN escalation.received_at >= statement_timestamp() - interval '4 hours' THEN 'hour'
            WHEN escalation.received_at >= statement_timestamp() - interval '1 day' THEN 'shift'
            ELSE 'day' END AS part,
       escalation.state AS label,
       date_part('epoch', statement_timestamp() - escalation.received_at) AS value, false AS settled
FROM escalations_escalation escalation
WHERE escalation.state IN ('queued', 'claimed', 'waiting', 'snoozed')
