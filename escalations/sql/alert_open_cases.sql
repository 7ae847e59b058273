-- When each case was open that was so at some time from `first` to `last`. Audits wait for no user.
WITH stretch AS (
SELECT escalation.id AS case_id, '' AS what, escalation.received_at AS since, escalation.closed_at AS until
FROM (
    SELECT id, received_at, closed_at, kind, queue_id, agent_id FROM escalations_escalation
    WHERE state IN ('queued', 'claimed', 'waiting', 'snoozed')
    UNION ALL
    SELECT id, received_at, closed_at, kind, queue_id, agent_id FROM escalations_escalation
    WHERE closed_at > %(first)s::timestamptz AND state IN ('resolved', 'expired', 'cancelled')
) escalation
-- Nearly all cases were received by then: no index of that is worth it, though an estimate may say so.
WHERE escalation.received_at + interval '0' <= %(last)s::timestamptz AND escalation.kind <> 'review'
  AND (%(queue)s::bigint IS NULL OR escalation.queue_id = %(queue)s::bigint)
  AND (%(agent)s::bigint IS NULL OR escalation.agent_id = %(agent)s::bigint)
)
