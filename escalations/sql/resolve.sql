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
decided AS (
    INSERT INTO escalations_resolution (
        id, case_id, cycle, operator_id, lease_token, decided_by, decision, actions, response, message, resume,
        disposition, agent_correct, failure_primary, first_error_index, note, training_allowed, overrode,
        opened_at, handle_seconds)
    SELECT %(resolution_id)s::uuid, moved.id, moved.cycle, %(operator_id)s, %(lease_token)s, 'human', %(decision)s,
           %(actions)s::jsonb, %(response)s::jsonb, %(message)s, %(resume)s::jsonb,
           %(disposition)s, %(agent_correct)s, %(failure_primary)s, %(first_error_index)s::int, %(note)s,
           %(training_allowed)s::bool, %(overrode)s::bool, held.opened_at, held.seconds
    FROM moved, held
    RETURNING id
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
