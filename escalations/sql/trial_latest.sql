-- The cases of an agent that came in a period, the newest ones where there are very many. Begins a statement.
WITH latest AS MATERIALIZED (
    SELECT id, agent_version_id, kind, state, reason, category, confidence, turns, context_tokens, cost_usd,
           run_seconds AS seconds, retries, received_at
    FROM escalations_escalation
    WHERE agent_id = %(agent_id)s AND received_at >= %(since)s::timestamptz AND received_at < %(until)s::timestamptz
    ORDER BY received_at DESC, id DESC
    LIMIT %(counted_max)s::int
),
