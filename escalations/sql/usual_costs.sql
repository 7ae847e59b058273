-- What the runs and cases of each agent cost in the last 30 days: of its newest ones, so many that it costs little to
-- look. An audit is no run of its own. Counts the agents for which something changed.
WITH spent AS (
    SELECT agent.id AS agent_id, looked_at.cost_usd
    FROM escalations_agent agent
    CROSS JOIN LATERAL (
        (SELECT newest.cost_usd
         FROM escalations_agentversion version
         CROSS JOIN LATERAL (
             SELECT run.cost_usd
             FROM escalations_run run
             WHERE run.agent_version_id = version.id AND run.finished_at > now() - interval '30 days'
             ORDER BY run.finished_at DESC
             LIMIT %(rows_max)s::int
         ) newest
         WHERE version.agent_id = agent.id
         LIMIT %(rows_max)s::int)
        UNION ALL
        (SELECT CASE WHEN kind <> 'review' THEN cost_usd END
         FROM escalations_escalation
         WHERE agent_id = agent.id AND received_at > now() - interval '30 days'
         ORDER BY received_at DESC, id DESC
         LIMIT %(rows_max)s::int)
    ) looked_at
    WHERE looked_at.cost_usd IS NOT NULL
),
usual AS (
    SELECT agent_id, count(*) AS counted,
           (percentile_cont(0.95) WITHIN GROUP (ORDER BY cost_usd::float8))::numeric(14, 6) AS p95_usd
    FROM spent
    GROUP BY agent_id
    HAVING count(*) >= %(enough)s::int
),
unknown AS (
    DELETE FROM escalations_usualcost WHERE agent_id NOT IN (SELECT agent_id FROM usual) RETURNING agent_id
),
known AS (
    INSERT INTO escalations_usualcost AS kept (agent_id, p95_usd, counted)
    SELECT agent_id, p95_usd, counted FROM usual
    ON CONFLICT (agent_id) DO UPDATE SET p95_usd = excluded.p95_usd, counted = excluded.counted, updated_at = now()
    WHERE (kept.p95_usd, kept.counted) IS DISTINCT FROM (excluded.p95_usd, excluded.counted)
    RETURNING agent_id
)
SELECT (SELECT count(*) FROM unknown) + (SELECT count(*) FROM known) AS changed;
