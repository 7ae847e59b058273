-- Open a case in one round trip: authenticate the caller, keep the promise of the Idempotency-Key,
-- and write case, handoff, event, timer, audit entry and stored answer, all or nothing.
-- No row back means "not opened": escalations/transitions/open.py then finds out why.
-- Needs open_target.sql, able.sql and line.sql before it, and open_told.sql at the end.
, promised AS (
    INSERT INTO escalations_idempotencyrecord (agent_id, key, request_sha256, case_id, answer)
    SELECT caller.agent_id, %(idempotency_key)s, %(request_sha256)s, %(case_id)s::uuid,
           json_build_object(
               'id', %(case_id)s::text,
               'state', 'queued',
               'version', 1,
               'received_at', to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               'due_at', to_char(target.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               'expires_at', to_char(%(expires_at)s::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               'waiting_for', NULL,
               'reply_due_at', NULL,
               'queue', target.name,
               'routable', line.able > 0,
               'available', line.available,
               'ahead', line.ahead,
               'expected_wait_seconds', line.expected_wait_seconds,
               'delivery', NULL,
               'decision', NULL,
               'resume_with', NULL,
               'last_turn', NULL,
               'links', %(links)s::json
           )::text
    FROM caller, version, target, line
    WHERE NOT %(callback_refused)s::boolean
      AND (%(expires_at)s::timestamptz IS NULL OR %(expires_at)s::timestamptz > statement_timestamp())
      AND (%(parent_id)s::uuid IS NULL OR EXISTS (
              SELECT FROM escalations_escalation parent
              WHERE parent.id = %(parent_id)s::uuid AND parent.agent_id = caller.agent_id))
    ON CONFLICT (agent_id, key) DO NOTHING
    RETURNING answer
),
opened AS (
    INSERT INTO escalations_escalation (
        id, agent_id, agent_version_id, policy_id, queue_id, parent_id, state, kind, reason, priority, category,
        headline, conversation_id, run_id, skills, preferred_skills, weight, confidence, confidence_source, confidence_threshold,
        turns, context_tokens, cost_usd, run_seconds, retries,
        version, cycle, rank, ages_at, received_at, pickup_due_at, due_at, expires_at, on_expiry,
        waited_seconds, lease_token, delivery)
    SELECT %(case_id)s::uuid, caller.agent_id, version.id, (SELECT id FROM policy), target.id, %(parent_id)s::uuid,
           'queued', %(kind)s::text, %(reason)s, %(priority)s::int, %(category)s,
           %(headline)s, %(conversation_id)s, %(run_id)s, %(skills)s::text[], %(preferred_skills)s::text[],
           target.weight,
           %(confidence)s::float8, %(confidence_source)s, %(confidence_threshold)s::float8,
           %(turns)s::int, %(context_tokens)s::int, %(cost_usd)s::numeric, %(run_seconds)s::float8, %(retries)s::int,
           1, 1, target.rank, target.ages_at, statement_timestamp(), target.pickup_due_at, target.due_at, %(expires_at)s::timestamptz, %(on_expiry)s,
           0, 0, ''
    FROM promised, caller, version, target
    RETURNING id
),
stored AS (
    INSERT INTO escalations_handoff (case_id, body, normalised_messages, traceparent, tracestate, callback)
    SELECT id, %(body)s, coalesce(%(normalised_messages)s::text, ''), %(traceparent)s, %(tracestate)s,
           %(callback)s::jsonb
    FROM opened
),
logged AS (
    INSERT INTO escalations_event (case_id, kind, version, actor, data)
    SELECT opened.id, 'opened', 1, 'agent:' || %(agent_name)s, '{}'::jsonb FROM opened
    UNION ALL
    SELECT opened.id, 'infeasible', 1, 'system', '{}' FROM opened, target WHERE target.is_infeasible
),
noticed AS (
    INSERT INTO escalations_notice (operator_id, case_id, kind, text)
    SELECT person.id, opened.id, 'infeasible', left(%(infeasible_words)s || %(headline)s, 300)
    FROM opened, target, escalations_operator person
    WHERE target.is_infeasible AND person.role IN ('admin', 'reviewer') AND person.is_active
),
timed AS (
    -- Each clock has one timer, to its next step. Firing it sets the one after (fire_clocks.sql).
    INSERT INTO escalations_timer (case_id, kind, percent, due_at)
    SELECT opened.id, timer.kind, timer.percent, timer.due_at
    FROM opened, target, LATERAL (VALUES
        ('pickup', 50, business_deadline(
            target.calendar_id, statement_timestamp(),
            business_seconds(target.calendar_id, statement_timestamp(), target.pickup_due_at) / 2)),
        ('resolution', 50, business_deadline(
            target.calendar_id, statement_timestamp(),
            business_seconds(target.calendar_id, statement_timestamp(), target.due_at) / 2)),
        ('infeasible', 0, CASE WHEN NOT target.is_infeasible THEN target.infeasible_at END)
    ) timer (kind, percent, due_at)
    WHERE timer.due_at IS NOT NULL
),
audited AS (
    INSERT INTO escalations_auditentry (actor, action, target, request_id)
    SELECT 'key:' || caller.prefix, 'open', 'case:' || opened.id, %(request_id)s FROM opened, caller
)
