-- Cases as able.sql and line.sql ask about them. One that waits can be taken at this moment; `is_held` is under a
-- live lease.
WITH subject AS (
    SELECT escalation.id, escalation.queue_id, queue.overflow_id, escalation.overflow_queue_id,
           escalation.skills::text[] AS skills, escalation.weight, queue.mean_handle_seconds,
           escalation.rank, escalation.due_at, escalation.received_at,
           (escalation.state = 'queued'
            OR escalation.state = 'claimed' AND escalation.lease_expires_at <= statement_timestamp())
           AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp()) AS waits,
           escalation.state = 'claimed' AND escalation.lease_expires_at > statement_timestamp() AS is_held,
           ARRAY(SELECT offer.operator_id FROM escalations_offer offer
                 WHERE offer.case_id = escalation.id AND offer.outcome = 'declined'
                   AND offer.offered_at >= escalation.clock_started_at) AS declined
    FROM escalations_escalation escalation
    JOIN escalations_queue queue ON queue.id = escalation.queue_id
    WHERE escalation.id = ANY (%(case_ids)s::uuid[])
)
