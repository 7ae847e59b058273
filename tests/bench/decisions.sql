-- Decided cases with the conversations that they are about; every second one was corrected, the others approved.
WITH made AS (
    INSERT INTO escalations_escalation (
        id, agent_id, agent_version_id, queue_id, state, kind, reason, priority, category, headline,
        conversation_id, run_id, skills, confidence_source, version, cycle, rank,
        received_at, clock_started_at, pickup_due_at, due_at, first_claimed_at, picked_up_at, closed_at, on_expiry,
        waited_seconds, lease_token, delivery)
    SELECT uuidv7(received_at - now()), %(agent_id)s, %(version_id)s, %(queue_id)s, 'resolved', 'approval', 'other', 2,
           'refund', 'Case ' || number, 'conv_' || number, '', '{}', '', 3, 1, 2,
           received_at, received_at, received_at, received_at, received_at, received_at, received_at, 'fail', 0, 1, 'applied'
    FROM generate_series(1, %(count)s) number,
         LATERAL (SELECT now() - number * interval '3 seconds' AS received_at) arrival
    RETURNING id, headline, closed_at, right(headline, 1)::int %% 2 = 0 AS is_edited
),
stored AS (
    INSERT INTO escalations_handoff (case_id, body, normalised_messages, traceparent, tracestate)
    SELECT id, replace(replace(%(body)s, 'Case 0', headline), 'WORDS', words), '', '', ''
    FROM made, LATERAL (SELECT regexp_replace(md5(headline) || md5(headline || 'b'), '(....)', '\1 ', 'g') AS words) asked
),
decided AS (
    INSERT INTO escalations_resolution (
        id, case_id, cycle, operator_id, lease_token, decided_by, decision, actions, message, resume,
        disposition, agent_correct, failure_primary, note, training_allowed, overrode, opened_at, created_at, handle_seconds)
    SELECT uuidv7(closed_at - now()), id, 1, %(operator_id)s, 1, 'human', CASE WHEN is_edited THEN 'edit' ELSE 'approve' END,
           CASE WHEN is_edited THEN %(edited)s::jsonb ELSE %(approved)s::jsonb END, '', '{}',
           CASE WHEN is_edited THEN 'edit' ELSE 'approve' END, 'yes', 'none', '', true, is_edited, closed_at, closed_at, 60
    FROM made
    RETURNING id, operator_id, created_at, disposition, agent_correct, failure_primary
)
INSERT INTO escalations_labelrevision (
    id, resolution_id, number, kind, operator_id, opened_at, submitted_at, disposition, agent_correct,
    failure_primary, failure_modes, external_codes, responsible, missed_checkpoint, step_labels, deterministic_rule,
    must, must_not, note, training_allowed)
SELECT gen_random_uuid(), id, 1, 'first', operator_id, created_at, created_at, disposition, agent_correct,
       failure_primary, '{}', '{}', '', '', '{}', '', '{}', '{}', '', true
FROM decided;
