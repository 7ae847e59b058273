-- Cases that wait, by whether somebody who is ready may take them, however full their desk; as routing asks it.
WITH ready AS MATERIALIZED (
    SELECT operator.id, operator.capacity, operator.skills::text[] AS skills,
           ARRAY(SELECT member.queue_id FROM escalations_operator_queues member
                 WHERE member.operator_id = operator.id) AS queues
    FROM escalations_presence presence
    JOIN escalations_operator operator ON operator.id = presence.operator_id AND operator.is_active
    WHERE presence.availability = 'available'
      AND presence.seen_at > statement_timestamp() - %(connected)s::interval
)
SELECT escalation.id AS case_id, escalation.received_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN EXISTS (
           SELECT FROM ready
           WHERE ready.queues && ARRAY[escalation.queue_id, queue.overflow_id, escalation.overflow_queue_id]
             AND ready.skills @> escalation.skills::text[] AND ready.capacity >= escalation.weight
             AND NOT EXISTS (SELECT FROM escalations_offer offer
                             WHERE offer.case_id = escalation.id AND offer.operator_id = ready.id
                               AND offer.outcome = 'declined' AND offer.offered_at >= escalation.clock_started_at)
       ) THEN 'routable' ELSE 'unroutable' END AS part,
       '' AS label, date_part('epoch', statement_timestamp() - escalation.received_at) AS value, false AS settled
FROM escalations_escalation escalation
JOIN escalations_queue queue ON queue.id = escalation.queue_id
WHERE (escalation.state = 'queued'
       OR escalation.state = 'claimed' AND escalation.lease_expires_at <= statement_timestamp())
  AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp())
