-- Who may take each subject, however full their desk: members of its queue or of one that it overflows into, with
-- its skills, who may hold its weight and did not decline it. `is_own` tells members that it does not need to
-- overflow for. A member of two of the queues comes twice.
, able AS (
    SELECT subject.id AS case_id, operator.id AS operator_id, operator.capacity,
           member.queue_id IN (subject.queue_id, subject.overflow_queue_id) IS TRUE AS is_own,
           coalesce(presence.availability = 'available'
                    AND presence.seen_at > statement_timestamp() - %(connected)s::interval, false) AS is_ready
    FROM subject
    JOIN escalations_operator_queues member
      ON member.queue_id IN (subject.queue_id, subject.overflow_id, subject.overflow_queue_id)
    JOIN escalations_operator operator ON operator.id = member.operator_id
    LEFT JOIN escalations_presence presence ON presence.operator_id = operator.id
    WHERE operator.is_active AND operator.skills::text[] @> subject.skills AND operator.capacity >= subject.weight
      AND operator.id <> ALL (subject.declined)
)
