-- Resolved cases, spread evenly over the days; each was taken after some minutes and handled in some.
WITH made AS (
    INSERT INTO escalations_escalation (
        id, agent_id, agent_version_id, queue_id, state, kind, reason, priority, category, headline,
        conversation_id, run_id, skills, confidence_source, confidence, cost_usd, version, cycle, rank,
        received_at, clock_started_at, pickup_due_at, due_at, first_claimed_at, picked_up_at, closed_at, on_expiry, waited_seconds,
        lease_token, delivery, delivered_at)
    SELECT uuidv7(received_at - now()), %(agent_id)s, %(version_id)s, %(queue_id)s, 'resolved',
           (ARRAY['approval', 'question', 'takeover', 'review'])[1 + number %% 4], 'other', number %% 4, '',
           'Case ' || number, 'conv_' || number, '', '{}', '', number %% 100 / 100.0, number %% 300 / 100.0,
           3, 1, greatest(0, 2 - floor(extract(epoch FROM now() - received_at) / 600)),
           received_at, received_at, received_at + interval '30 minutes', received_at + interval '4 hours',
           claimed_at, claimed_at, claimed_at + handling, 'fail', 0,
           1, 'applied', claimed_at + handling + interval '1 second'
    FROM generate_series(1, %(count)s) number,
         LATERAL (SELECT now() - interval '6 hours' - number * interval '1 day' / %(per_day)s AS received_at,
                         make_interval(secs => 30 + number %% 600) AS handling) arrival,
         LATERAL (SELECT received_at + make_interval(secs => 20 + number %% 2400) AS claimed_at) pickup
    RETURNING id, first_claimed_at, closed_at, confidence
),
stored AS (
    INSERT INTO escalations_handoff (case_id, body, normalised_messages, traceparent, tracestate)
    SELECT id, '{"messages": []}', '', '', '' FROM made
),
claimed AS (
    INSERT INTO escalations_claim (case_id, operator_id, token, how, outcome, started_at, ended_at)
    SELECT id, %(operator_id)s, 1, 'pulled', 'resolved', first_claimed_at, closed_at FROM made
)
INSERT INTO escalations_resolution (
    id, case_id, cycle, operator_id, lease_token, decided_by, decision, actions, message, resume,
    disposition, agent_correct, failure_primary, note, training_allowed, overrode,
    opened_at, created_at, handle_seconds)
SELECT uuidv7(), id, 1, %(operator_id)s, 1, 'human', 'approve', '[]', '', '{}',
       'approve', CASE WHEN confidence > 0.5 THEN 'yes' ELSE 'no' END,
       CASE WHEN confidence > 0.5 THEN 'none' ELSE 'integration' END, '', true, confidence <= 0.5,
       first_claimed_at, closed_at, extract(epoch FROM closed_at - first_claimed_at)
FROM made;
