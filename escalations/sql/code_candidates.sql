-- Kinds of cases that code could decide: for each agent and category, how many were resolved, how many of them in the
-- most frequent way, for how many an operator named a rule (and which most often), and what they cost.
WITH resolved AS (
    SELECT agent.name AS agent, escalation.category, resolution.decision, resolution.overrode,
        btrim(coalesce(revision.deterministic_rule, '')) AS rule,
        coalesce(escalation.cost_usd::float8, 0)
            -- As the metric `cost` has it.
            + coalesce(resolution.handle_seconds / 3600 * coalesce(held.hourly, operator.hourly_cost_usd::float8), 0) AS cost,
        resolution.handle_seconds AS seconds
    FROM escalations_escalation escalation
    JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
    JOIN escalations_agentversion version ON version.id = escalation.agent_version_id
    JOIN escalations_agent agent ON agent.id = version.agent_id
    JOIN escalations_queue queue ON queue.id = escalation.queue_id
    LEFT JOIN escalations_labelrevision revision
      ON revision.resolution_id = resolution.id AND revision.superseded_at IS NULL AND revision.kind <> 'blind'
    LEFT JOIN escalations_operator operator ON operator.id = resolution.operator_id
    LEFT JOIN LATERAL (
        SELECT sum(one.seconds * person.hourly_cost_usd::float8) / nullif(sum(one.seconds), 0) AS hourly
        FROM escalations_claim claim
        JOIN escalations_operator person ON person.id = claim.operator_id
        CROSS JOIN LATERAL (SELECT date_part('epoch', claim.ended_at - claim.started_at) AS seconds) one
        WHERE claim.case_id = escalation.id AND escalation.lease_token > 1
    ) held ON true
    WHERE escalation.closed_at >= %(since)s::timestamptz AND escalation.closed_at < %(until)s::timestamptz
      AND escalation.state = 'resolved' AND escalation.kind <> 'review' AND resolution.decided_by = 'human'
      AND %(agent)s::text IN ('', agent.name) AND %(version)s::text IN ('', version.name)
      AND %(queue)s::text IN ('', queue.name)
),
ways AS (
    SELECT agent, category, decision, coalesce(overrode, false) AS overrode, count(*) AS n
    FROM resolved GROUP BY agent, category, decision, coalesce(overrode, false)
),
kinds AS (
    SELECT agent, category, count(*)::int AS n, count(*) FILTER (WHERE rule <> '')::int AS named,
        sum(cost) AS cost, sum(seconds) AS seconds, mode() WITHIN GROUP (ORDER BY rule) FILTER (WHERE rule <> '') AS rule
    FROM resolved GROUP BY agent, category
)
SELECT kinds.agent, kinds.category, kinds.n, kinds.named, kinds.cost, kinds.seconds, coalesce(kinds.rule, '') AS rule,
    usual.decision, usual.n::int AS alike
FROM kinds
CROSS JOIN LATERAL (
    SELECT decision, n FROM ways
    WHERE ways.agent = kinds.agent AND ways.category = kinds.category
    ORDER BY n DESC, decision LIMIT 1
) usual
WHERE kinds.named > 0 OR kinds.n >= %(enough)s::int AND usual.n >= %(alike)s::float8 * kinds.n
ORDER BY kinds.named DESC, kinds.cost DESC
LIMIT 50;
