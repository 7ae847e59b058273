-- The cases of a stretch of time as routing saw them: what they asked for, when they were due, how long a person then
-- had them, when they were really picked up, and when those left that nobody picked up.
SELECT escalation.id::text AS id, escalation.received_at, escalation.queue_id, queue.overflow_id,
    escalation.skills::text[] AS skills, escalation.preferred_skills::text[] AS preferred, escalation.priority,
    escalation.weight, queue.aging_seconds, escalation.pickup_due_at AS due_at, escalation.first_claimed_at AS picked_up_at,
    CASE WHEN escalation.first_claimed_at IS NULL THEN escalation.closed_at END AS left_at,
    coalesce(decided.handle_seconds, queue.mean_handle_seconds)::float8 AS seconds
FROM escalations_escalation escalation
JOIN escalations_queue queue ON queue.id = escalation.queue_id
LEFT JOIN escalations_resolution decided
  ON decided.case_id = escalation.id AND decided.superseded_at IS NULL AND decided.handle_seconds > 0
WHERE escalation.received_at >= %(since)s::timestamptz AND escalation.received_at < %(until)s::timestamptz
  AND %(queue)s::text IN ('', queue.name)
ORDER BY escalation.received_at, escalation.id
LIMIT %(most)s::int;
