-- After `alert_open_cases`, `alert_audits` or `alert_alone`, asked of one moment: what stood then, the oldest first.
SELECT stood.*, escalation.headline, queue.name AS queue, agent.name AS agent
FROM (
    SELECT case_id, what, since, count(*) OVER ()::int AS n FROM stretch
    ORDER BY since, case_id, what
    LIMIT %(limit)s::int OFFSET %(offset)s::int
) stood
-- One by one by its key: how many there are is not known when this is planned.
LEFT JOIN LATERAL (
    SELECT headline, queue_id, agent_id FROM escalations_escalation WHERE id = stood.case_id LIMIT 1
) escalation ON true
LEFT JOIN escalations_queue queue ON queue.id = escalation.queue_id
LEFT JOIN escalations_agent agent ON agent.id = escalation.agent_id
ORDER BY stood.since, stood.case_id, stood.what;
