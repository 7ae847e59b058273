-- Keep a batch of finished runs in one round trip, each with the draw of the audit sample.
-- Told are the runs that are new. Versions and runs are written in the order of their names, so that batches
-- that share some wait for each other and never deadlock.
WITH given AS (
    SELECT *
    FROM jsonb_to_recordset(%(runs)s::jsonb) AS given (
        id uuid, run_id text, agent_version text, conversation_id text, category text,
        confidence float8, confidence_source text, turns int, context_tokens int, cost_usd numeric,
        seconds float8, retries int, tool_errors int, finished_at timestamptz, uniform float8)
),
known_version AS (
    SELECT version.id, version.name
    FROM escalations_agentversion version
    WHERE version.agent_id = %(agent_id)s AND version.name IN (SELECT agent_version FROM given)
),
new_version AS (
    INSERT INTO escalations_agentversion (agent_id, name)
    SELECT DISTINCT %(agent_id)s::bigint, agent_version
    FROM given
    WHERE agent_version NOT IN (SELECT name FROM known_version)
    ORDER BY agent_version
    ON CONFLICT DO NOTHING
    RETURNING id, name
),
version AS (
    SELECT id, name FROM known_version UNION ALL SELECT id, name FROM new_version
),
rated AS (
    -- The version's own newest policy, else the agent's newest; one without a rate draws nothing.
    SELECT version.id, version.name, coalesce(policy.rate, 0) AS rate
    FROM version
    LEFT JOIN LATERAL (
        SELECT CASE WHEN jsonb_typeof(rules -> 'audit_rate') = 'number'
                    THEN least(1, greatest(0, (rules ->> 'audit_rate')::float8)) END AS rate
        FROM escalations_policy
        WHERE agent_id = %(agent_id)s AND (agent_version_id IS NULL OR agent_version_id = version.id)
        ORDER BY agent_version_id NULLS LAST, number DESC
        LIMIT 1
    ) policy ON true
)
INSERT INTO escalations_run (
    id, agent_id, agent_version_id, run_id, conversation_id, category, confidence, confidence_source,
    turns, context_tokens, cost_usd, seconds, retries, tool_errors, finished_at,
    sampling_probability, drawn)
SELECT given.id, %(agent_id)s, rated.id, given.run_id, given.conversation_id, given.category,
       given.confidence, given.confidence_source, given.turns, given.context_tokens, given.cost_usd,
       given.seconds, given.retries, given.tool_errors, given.finished_at,
       rated.rate, given.uniform < rated.rate
FROM given
JOIN rated ON rated.name = given.agent_version
ORDER BY given.run_id
ON CONFLICT (agent_id, run_id) DO NOTHING
RETURNING run_id, drawn;
