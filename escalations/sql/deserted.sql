-- Those of these cases that nobody who is ready could take, however empty their desk.
SELECT waiting.id
FROM escalations_escalation waiting
JOIN escalations_queue queue ON queue.id = waiting.queue_id
WHERE waiting.id = ANY (%(case_ids)s::uuid[])
  AND NOT EXISTS (
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
