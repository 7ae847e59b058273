-- Waiting cases, a tenth of a second apart, with a conversation of about 2 kB each.
WITH made AS (
    INSERT INTO escalations_escalation (
        id, agent_id, agent_version_id, queue_id, state, kind, reason, priority, category, headline,
        conversation_id, run_id, skills, confidence_source, version, cycle, rank, received_at,
        clock_started_at, pickup_due_at, due_at, on_expiry, waited_seconds, lease_token, delivery)
    SELECT uuidv7(received_at - now()), %(agent_id)s, %(version_id)s, %(queue_id)s, 'queued', 'takeover', 'other', 2, '',
           'Case ' || number, 'conv_' || number, '', '{}', '', 1, 1,
           greatest(0, 2 - floor(extract(epoch FROM now() - received_at) / 600)), received_at, received_at,
           received_at + interval '30 minutes', received_at + interval '4 hours', 'fail', 0, 0, ''
    FROM generate_series(1, %(count)s) number,
         LATERAL (SELECT now() - number * interval '1 second' / 10 AS received_at) arrival
    RETURNING id, headline, received_at
),
stored AS (
    INSERT INTO escalations_handoff (case_id, body, normalised_messages, traceparent, tracestate)
    SELECT id,
           json_build_object(
               'agent', json_build_object('name', %(agent)s::text, 'version', '1'),
               'kind', 'takeover', 'reason', 'other', 'summary', headline,
               'messages', json_build_array(
                   json_build_object('role', 'user', 'content', repeat('Where is it? ', 150))))::text,
           '', '', ''
    FROM made
)
INSERT INTO escalations_event (case_id, kind, version, actor, data, created_at)
SELECT id, 'opened', 1, 'agent:bench', '{}', received_at FROM made;
