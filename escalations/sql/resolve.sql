-- Record a decision under the holder's fence. No row back means that the lease is lost.
WITH moved AS (
    UPDATE escalations_escalation
    SET state = 'resolved', version = version + 1, holder_id = NULL, lease_expires_at = NULL,
        closed_at = statement_timestamp(), delivery = 'undelivered',
        -- Never after the hard limit: the agent counts on an answer by then.
        dispatch_at = CASE WHEN %(undo_seconds)s::int > 0 THEN
            least(statement_timestamp() + make_interval(secs => %(undo_seconds)s::int), expires_at) END
    WHERE id = %(case_id)s AND state = 'claimed' AND holder_id = %(operator_id)s
      AND lease_token = %(lease_token)s AND lease_expires_at > statement_timestamp()
      AND (expires_at IS NULL OR expires_at > statement_timestamp())
    RETURNING id, version, cycle
),
held AS (
    SELECT coalesce(sum(extract(epoch FROM coalesce(claim.ended_at, statement_timestamp()) - claim.started_at)), 0) AS seconds,
           max(claim.started_at) AS opened_at
    FROM escalations_claim claim JOIN moved ON claim.case_id = moved.id
),
ended AS (
    UPDATE escalations_claim claim SET ended_at = statement_timestamp(), outcome = 'resolved'
    FROM moved WHERE claim.case_id = moved.id AND claim.ended_at IS NULL
),
said AS (
    SELECT *
    FROM jsonb_to_record(%(labels)s::jsonb) AS said (
        disposition varchar, agent_correct varchar, failure_primary varchar, failure_modes varchar[],
        external_codes varchar[], responsible varchar, first_error_index int, root_cause_index int,
        missed_checkpoint varchar, step_labels jsonb, tool_fault jsonb, escalation_needed bool,
        category_correct bool, deterministic_rule text, must text[], must_not text[], pair_at_index int,
        preference_strength int, note text, training_allowed bool, active_seconds float8)
),
decided AS (
    INSERT INTO escalations_resolution (
        id, case_id, cycle, operator_id, lease_token, decided_by, decision, actions, response, message, resume,
        disposition, agent_correct, failure_primary, first_error_index, note, training_allowed, overrode,
        edit_distance, opened_at, handle_seconds)
    SELECT %(resolution_id)s::uuid, moved.id, moved.cycle, %(operator_id)s, %(lease_token)s, 'human', %(decision)s,
           %(actions)s::jsonb, %(response)s::jsonb, %(message)s, %(resume)s::jsonb,
           said.disposition, said.agent_correct, said.failure_primary, said.first_error_index, said.note,
           said.training_allowed, %(overrode)s::bool, %(edit_distance)s::float8, held.opened_at, held.seconds
    FROM moved, held, said
    RETURNING id, opened_at
),
-- The words of the first revision mean what they mean by now.
taught AS (
    INSERT INTO escalations_labelrevision (
        id, resolution_id, number, kind, operator_id, taxonomy_id, guideline_id, opened_at, active_seconds,
        disposition, agent_correct, failure_primary, failure_modes, external_codes, responsible,
        first_error_index, root_cause_index, missed_checkpoint, step_labels, tool_fault, escalation_needed,
        category_correct, deterministic_rule, must, must_not, pair_at_index, preference_strength, note,
        training_allowed, pii_policy_version)
    SELECT %(revision_id)s::uuid, decided.id, 1, 'first', %(operator_id)s,
           (SELECT id FROM escalations_taxonomy ORDER BY number DESC LIMIT 1),
           (SELECT id FROM escalations_guideline ORDER BY number DESC LIMIT 1),
           -- A page that says more was not looked at for longer than the case was held.
           decided.opened_at, greatest(0, least(said.active_seconds, held.seconds)),
           said.disposition, said.agent_correct, said.failure_primary, said.failure_modes, said.external_codes,
           said.responsible, said.first_error_index, said.root_cause_index, said.missed_checkpoint,
           said.step_labels, said.tool_fault, said.escalation_needed, said.category_correct,
           said.deterministic_rule, said.must, said.must_not, said.pair_at_index, said.preference_strength,
           said.note, said.training_allowed, %(pii_policy_version)s::int
    FROM decided, held, said
),
proposed AS (
    INSERT INTO escalations_labelsuggestion (resolution_id, field, value, detector, accepted)
    SELECT decided.id, suggested.field, suggested.value, suggested.detector, suggested.accepted
    FROM decided, jsonb_to_recordset(%(suggested)s::jsonb)
        AS suggested (field varchar, value jsonb, detector varchar, accepted bool)
),
logged AS (
    INSERT INTO escalations_event (case_id, kind, version, actor, data)
    SELECT moved.id, 'resolved', moved.version, %(actor)s, json_build_object('decision', %(decision)s::text) FROM moved
),
audited AS (
    INSERT INTO escalations_auditentry (actor, action, target, request_id)
    SELECT %(actor)s, 'resolve', 'case:' || moved.id, %(request_id)s FROM moved
)
SELECT decided.id FROM decided;
