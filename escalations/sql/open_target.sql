-- Whose case is opened, and where: the first part of opening one. See open.sql.
WITH caller AS (
    SELECT key.id AS key_id, key.prefix, agent.id AS agent_id, agent.default_queue_id, agent.requests_per_second
    FROM escalations_apikey key
    JOIN escalations_agent agent ON agent.id = key.agent_id
    WHERE key.prefix = %(key_prefix)s AND key.digest = %(key_digest)s
      AND key.revoked_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > statement_timestamp())
      AND 'handoffs' = ANY (key.scopes)
      AND agent.is_active AND agent.name = %(agent_name)s
),
known_version AS (
    SELECT version.id
    FROM escalations_agentversion version
    JOIN caller USING (agent_id)
    WHERE version.name = %(agent_version)s
),
new_version AS (
    INSERT INTO escalations_agentversion (agent_id, name)
    SELECT agent_id, %(agent_version)s FROM caller WHERE NOT EXISTS (SELECT FROM known_version)
    ON CONFLICT DO NOTHING
    RETURNING id
),
version AS (
    SELECT id FROM known_version UNION ALL SELECT id FROM new_version
),
policy AS (
    -- The version's own newest policy, else the agent's newest.
    SELECT policy.id
    FROM escalations_policy policy
    JOIN caller USING (agent_id)
    LEFT JOIN version ON version.id = policy.agent_version_id
    WHERE policy.agent_version_id IS NULL OR version.id IS NOT NULL
    ORDER BY policy.agent_version_id NULLS LAST, policy.number DESC
    LIMIT 1
),
target AS (
    SELECT queue.id, queue.name, queue.overflow_id, queue.aging_seconds, queue.mean_handle_seconds, queue.calendar_id,
           -- A live conversation fills more of a day than a question.
           CASE WHEN %(kind)s::text = 'takeover' THEN 2 ELSE 1 END AS weight,
           business_deadline(
               queue.calendar_id, statement_timestamp(), coalesce(sla.pickup_seconds, %(pickup_seconds)s::int)
           ) AS pickup_due_at,
           least(
               business_deadline(
                   queue.calendar_id, statement_timestamp(),
                   coalesce(sla.resolution_seconds, %(resolution_seconds)s::int)),
               %(respond_by)s::timestamptz
           ) AS due_at,
           -- What cannot be decided before it expires goes behind all that can (docs/decisions/0002).
           doom.at <= statement_timestamp() AS is_infeasible,
           doom.at AS infeasible_at,
           %(priority)s::int
               + CASE WHEN doom.at <= statement_timestamp() THEN %(infeasible)s::bigint ELSE 0 END AS rank,
           CASE WHEN %(priority)s::int > 0
                THEN statement_timestamp() + make_interval(secs => queue.aging_seconds) END AS ages_at
    FROM caller
    JOIN escalations_queue queue
      ON queue.id = CASE WHEN %(queue)s::text IS NULL THEN caller.default_queue_id
                         ELSE (SELECT id FROM escalations_queue WHERE name = %(queue)s::text) END
    LEFT JOIN escalations_slatarget sla ON sla.queue_id = queue.id AND sla.priority = %(priority)s::int
    CROSS JOIN LATERAL (
        SELECT %(expires_at)s::timestamptz - make_interval(secs => queue.mean_handle_seconds) AS at
    ) doom
),
subject AS (
    -- The case that is to be opened, as able.sql and line.sql ask about it.
    SELECT %(case_id)s::uuid AS id, target.id AS queue_id, target.overflow_id, NULL::bigint AS overflow_queue_id,
           %(skills)s::text[] AS skills, target.weight, target.mean_handle_seconds,
           target.rank, target.due_at, statement_timestamp() AS received_at,
           true AS waits, false AS is_held, '{}'::bigint[] AS declined
    FROM target
)
