-- The worst cases of a version for each failure mode: those in which the agent was wrong first, then the urgent ones,
-- then the dearest.
SELECT mode, id, headline, closed_at
FROM (
    SELECT resolution.failure_primary AS mode, escalation.id, escalation.headline, escalation.closed_at,
        row_number() OVER (
            PARTITION BY resolution.failure_primary
            ORDER BY (resolution.agent_correct = 'no') DESC, (resolution.agent_correct = 'partial') DESC,
                escalation.priority,
                coalesce(escalation.cost_usd, 0) + resolution.handle_seconds::numeric / 3600 * operator.hourly_cost_usd DESC NULLS LAST,
                escalation.id
        ) AS place
    FROM escalations_escalation escalation
    JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
    LEFT JOIN escalations_operator operator ON operator.id = resolution.operator_id
    WHERE escalation.agent_version_id = %(version_id)s::bigint AND escalation.state = 'resolved'
      AND escalation.closed_at >= %(since)s::timestamptz AND escalation.closed_at < %(until)s::timestamptz
      AND resolution.failure_primary = ANY (%(modes)s::text[])
) ranked
WHERE place <= %(shown)s::int
ORDER BY mode, place;
