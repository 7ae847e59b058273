-- What a person may see and asked for.
(%(sees_all)s::bool OR escalation.queue_id = ANY (%(queues)s::bigint[])
 OR escalation.overflow_queue_id = ANY (%(queues)s::bigint[]))
AND (%(queue)s::text = '' OR escalation.queue_id = (
        SELECT id FROM escalations_queue WHERE name = %(queue)s::text))
AND (%(agent)s::text = '' OR escalation.agent_id = (
        SELECT id FROM escalations_agent WHERE name = %(agent)s::text))
AND (%(kind)s::text = '' OR escalation.kind = %(kind)s::text)
AND (%(priority)s::int IS NULL OR escalation.priority = %(priority)s::int)
AND (%(skill)s::text = '' OR %(skill)s::text = ANY (escalation.skills))
