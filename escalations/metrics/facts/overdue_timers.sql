SELECT timer.case_id, timer.due_at AS at, escalation.agent_version_id AS version_id, escalation.queue_id,
       '' AS part, timer.kind AS label, date_part('epoch', statement_timestamp() - timer.due_at) AS value,
       false AS settled
FROM escalations_timer timer
JOIN escalations_escalation escalation ON escalation.id = timer.case_id
WHERE timer.fired_at IS NULL AND timer.due_at <= statement_timestamp()
