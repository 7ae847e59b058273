-- The first cases of each queue that nobody who is ready could take, however empty their desk.
SELECT waiting.id
FROM escalations_queue queue,
LATERAL (
    SELECT escalation.id, escalation.skills, escalation.weight, escalation.overflow_queue_id, escalation.clock_started_at
    FROM escalations_escalation escalation
    WHERE escalation.queue_id = queue.id AND escalation.state IN ('queued', 'claimed')
      AND (escalation.state = 'queued' OR escalation.lease_expires_at <= statement_timestamp())
      AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp())
    ORDER BY escalation.rank, escalation.due_at, escalation.received_at, escalation.id
    LIMIT %(limit)s::int
) waiting
WHERE NOT EXISTS (
    SELECT FROM escalations_presence presence
    JOIN escalations_operator operator ON operator.id = presence.operator_id AND operator.is_active
    JOIN escalations_operator_queues member ON member.operator_id = operator.id
    WHERE presence.availability = 'available'
      AND presence.seen_at > statement_timestamp() - %(connected)s::interval
      AND member.queue_id IN (queue.id, queue.overflow_id, waiting.overflow_queue_id)
      AND operator.skills::text[] @> waiting.skills::text[] AND operator.capacity >= waiting.weight
      AND NOT EXISTS (
          SELECT FROM escalations_offer offer
          WHERE offer.case_id = waiting.id AND offer.operator_id = operator.id
            AND offer.outcome = 'declined' AND offer.offered_at >= waiting.clock_started_at)
);
