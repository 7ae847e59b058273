-- Of cases that say which conversation they are about.
SELECT escalation.id AS case_id, escalation.received_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN EXISTS (
           SELECT FROM escalations_escalation earlier
           JOIN escalations_resolution resolution ON resolution.case_id = earlier.id
           WHERE earlier.agent_id = escalation.agent_id AND earlier.conversation_id = escalation.conversation_id
             AND earlier.id <> escalation.id
             AND resolution.created_at BETWEEN escalation.received_at - interval '24 hours' AND escalation.received_at
       ) THEN 'repeated' ELSE 'first' END AS part,
       '' AS label, NULL::float8 AS value, true AS settled
FROM escalations_escalation escalation
WHERE escalation.conversation_id <> ''
