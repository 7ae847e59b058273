-- Whoever held the case did so at a rate of their own: where there were several claims, the mean of these rates.
SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, '' AS label,
       coalesce(resolution.handle_seconds / 3600 * coalesce(held.hourly, operator.hourly_cost_usd::float8), 0) AS value,
       true AS settled
FROM escalations_escalation escalation
JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
LEFT JOIN escalations_operator operator ON operator.id = resolution.operator_id
LEFT JOIN LATERAL (
    SELECT sum(one.seconds * person.hourly_cost_usd::float8) / nullif(sum(one.seconds), 0) AS hourly
    FROM escalations_claim claim
    JOIN escalations_operator person ON person.id = claim.operator_id
    CROSS JOIN LATERAL (SELECT date_part('epoch', claim.ended_at - claim.started_at) AS seconds) one
    WHERE claim.case_id = escalation.id AND escalation.lease_token > 1
) held ON true
WHERE escalation.state = 'resolved'
