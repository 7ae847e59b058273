SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, '' AS label,
       -- What is subtracted is time by the calendar as well, of all cycles; of cases that waited before that was
       -- kept, as much as is known.
       greatest(0, date_part('epoch', escalation.closed_at - escalation.received_at)
                   - greatest(escalation.waited_calendar_seconds, escalation.waited_seconds)) AS value,
       true AS settled
FROM escalations_escalation escalation
WHERE escalation.state = 'resolved'
