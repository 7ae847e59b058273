SELECT escalation.id AS case_id, escalation.received_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN escalation.first_claimed_at <= escalation.received_at + %(service_level)s::interval
            THEN 'within' ELSE 'beyond' END AS part,
       '' AS label, NULL::float8 AS value, true AS settled
FROM escalations_escalation escalation
WHERE escalation.first_claimed_at IS NOT NULL OR escalation.state = 'expired'
   OR (escalation.closed_at >= escalation.received_at + interval '5 seconds')
UNION ALL
SELECT escalation.id, escalation.received_at, escalation.agent_version_id, escalation.queue_id, 'beyond', '', NULL,
       false
FROM escalations_escalation escalation
WHERE escalation.state IN ('queued', 'claimed', 'waiting', 'snoozed') AND escalation.first_claimed_at IS NULL
  AND escalation.received_at < statement_timestamp() - %(service_level)s::interval
