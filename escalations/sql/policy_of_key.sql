-- Whose API key it is, and the policy in force for a version of that agent: the version's own newest, else the
-- agent's newest, also for a version never seen before. Each look-up reads the end of an index.
SELECT agent.id AS agent_id, agent.name AS agent_name, agent.requests_per_second, key.scopes,
       coalesce(own.number, general.number) AS number,
       CASE WHEN own.number IS NULL THEN general.rules ELSE own.rules END::text AS rules
FROM escalations_apikey key
JOIN escalations_agent agent ON agent.id = key.agent_id AND agent.is_active
LEFT JOIN LATERAL (
    SELECT policy.number, policy.rules
    FROM escalations_agentversion version
    JOIN escalations_policy policy ON policy.agent_version_id = version.id
    WHERE version.agent_id = agent.id AND version.name = %(version)s
    ORDER BY policy.number DESC
    LIMIT 1
) own ON true
LEFT JOIN LATERAL (
    SELECT policy.number, policy.rules
    FROM escalations_policy policy
    WHERE policy.agent_id = agent.id AND policy.agent_version_id IS NULL AND own.number IS NULL
    ORDER BY policy.number DESC
    LIMIT 1
) general ON true
WHERE key.prefix = %(key_prefix)s AND key.digest = %(key_digest)s
  AND key.revoked_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > statement_timestamp());
