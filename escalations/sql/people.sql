-- Everybody, or only those who can be offered work now, with what they hold and are offered.
SELECT operator.id, operator.skills::text[] AS skills, operator.capacity,
       ARRAY(SELECT member.queue_id FROM escalations_operator_queues member
             WHERE member.operator_id = operator.id) AS queues,
       coalesce(presence.availability, 'away') AS availability,
       coalesce(presence.seen_at > statement_timestamp() - %(connected)s::interval, false) AS is_connected,
       presence.last_offered_at,
       (coalesce(held.weight, 0) + coalesce(offered.weight, 0))::int AS used,
       offered.weight IS NOT NULL AS is_offered
FROM escalations_operator operator
LEFT JOIN escalations_presence presence ON presence.operator_id = operator.id
LEFT JOIN (
    SELECT holder_id, sum(weight) AS weight FROM escalations_escalation
    WHERE state = 'claimed' AND lease_expires_at > statement_timestamp()
    GROUP BY holder_id
) held ON held.holder_id = operator.id
LEFT JOIN (
    SELECT operator_id, sum(weight) AS weight FROM escalations_offer
    WHERE ended_at IS NULL AND expires_at > statement_timestamp()
    GROUP BY operator_id
) offered ON offered.operator_id = operator.id
WHERE operator.is_active
  AND (%(everybody)s::bool
       OR presence.availability = 'available'
          AND presence.seen_at > statement_timestamp() - %(connected)s::interval);
