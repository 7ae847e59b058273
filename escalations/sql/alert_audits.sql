-- When each audit and each second look waited that did so at some time from `first` to `last`.
SELECT audit.since, audit.until
FROM (
    SELECT received_at AS since, NULL::timestamptz AS until, queue_id, agent_id FROM escalations_escalation
    WHERE state IN ('queued', 'claimed', 'waiting', 'snoozed') AND kind = 'review'
    UNION ALL
    SELECT received_at, closed_at, queue_id, agent_id FROM escalations_escalation
    WHERE closed_at > %(first)s::timestamptz AND state IN ('resolved', 'expired', 'cancelled') AND kind = 'review'
    UNION ALL
    SELECT review.created_at, CASE WHEN review.state IN ('waiting', 'differs') THEN NULL ELSE review.submitted_at END,
           escalation.queue_id, escalation.agent_id
    FROM escalations_review review
    JOIN escalations_resolution resolution ON resolution.id = review.resolution_id
    JOIN escalations_escalation escalation ON escalation.id = resolution.case_id
    WHERE review.gold_id IS NULL
      AND (review.state IN ('waiting', 'differs') AND resolution.superseded_at IS NULL
           OR review.submitted_at > %(first)s::timestamptz AND review.state NOT IN ('waiting', 'differs'))
) audit
WHERE audit.since <= %(last)s::timestamptz
  AND (%(queue)s::bigint IS NULL OR audit.queue_id = %(queue)s::bigint)
  AND (%(agent)s::bigint IS NULL OR audit.agent_id = %(agent)s::bigint)
