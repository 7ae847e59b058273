-- When each audit and each second look waited that did so at some time from `first` to `last`. Of a second look that is
-- not done yet nobody learns here what case it is about.
WITH stretch AS (
SELECT audit.case_id, audit.what, audit.since, audit.until
FROM (
    SELECT id AS case_id, 'audit' AS what, received_at AS since, NULL::timestamptz AS until, queue_id, agent_id FROM escalations_escalation
    WHERE state IN ('queued', 'claimed', 'waiting', 'snoozed') AND kind = 'review'
    UNION ALL
    SELECT id, 'audit', received_at, closed_at, queue_id, agent_id FROM escalations_escalation
    WHERE closed_at > %(first)s::timestamptz AND state IN ('resolved', 'expired', 'cancelled') AND kind = 'review'
    UNION ALL
    SELECT CASE WHEN review.state <> 'waiting' THEN escalation.id END,
           CASE WHEN review.state = 'differs' THEN 'difference' ELSE 'second_look' END,
           review.created_at, CASE WHEN review.state IN ('waiting', 'differs') THEN NULL ELSE review.submitted_at END,
           escalation.queue_id, escalation.agent_id
    FROM escalations_review review
    JOIN escalations_resolution resolution ON resolution.id = review.resolution_id
    JOIN escalations_escalation escalation ON escalation.id = resolution.case_id
    WHERE review.gold_id IS NULL
      AND (review.state IN ('waiting', 'differs') AND resolution.superseded_at IS NULL
           OR review.submitted_at > %(first)s::timestamptz AND review.state NOT IN ('waiting', 'differs'))
) audit
-- Nearly all were received by then: no index of that is worth it, though an estimate may say so.
WHERE audit.since + interval '0' <= %(last)s::timestamptz
  AND (%(queue)s::bigint IS NULL OR audit.queue_id = %(queue)s::bigint)
  AND (%(agent)s::bigint IS NULL OR audit.agent_id = %(agent)s::bigint)
)
