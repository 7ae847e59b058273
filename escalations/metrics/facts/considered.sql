-- To approve one must at least read the question: 2 s, and a second for each 20 characters. How long others had the
-- case before says nothing about who approved it.
SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN read.seconds < 2 + length(escalation.headline) / 20.0 THEN 'hasty' ELSE 'considered' END AS part,
       resolution.operator_id::text AS label, read.seconds AS value, true AS settled
FROM escalations_escalation escalation
JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
LEFT JOIN LATERAL (
    SELECT sum(one.seconds) FILTER (WHERE claim.operator_id <> resolution.operator_id)
               / nullif(sum(one.seconds), 0) AS share
    FROM escalations_claim claim
    CROSS JOIN LATERAL (SELECT date_part('epoch', claim.ended_at - claim.started_at) AS seconds) one
    WHERE claim.case_id = escalation.id AND escalation.lease_token > 1
) others ON true
CROSS JOIN LATERAL (SELECT resolution.handle_seconds * (1 - coalesce(others.share, 0)) AS seconds) read
WHERE escalation.state = 'resolved' AND resolution.decision = 'approve' AND resolution.operator_id IS NOT NULL
