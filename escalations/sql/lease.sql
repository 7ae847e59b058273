-- Lease the candidate (see candidate_*.sql): end a dead claim, raise the fence, start the new claim.
, lost AS (
    UPDATE escalations_claim claim
    SET ended_at = escalation.lease_expires_at, outcome = 'lost'
    FROM candidate JOIN escalations_escalation escalation USING (id)
    WHERE claim.case_id = candidate.id AND claim.ended_at IS NULL
    RETURNING claim.id
),
moved AS (
    UPDATE escalations_escalation escalation
    SET state = 'claimed', holder_id = %(operator_id)s, version = version + 1,
        lease_token = lease_token + 1, lease_expires_at = statement_timestamp() + %(lease)s::interval,
        first_claimed_at = coalesce(first_claimed_at, statement_timestamp())
    FROM candidate
    WHERE escalation.id = candidate.id
    RETURNING escalation.id, escalation.version, escalation.lease_token, escalation.lease_expires_at
),
claimed AS (
    -- Counting the lost claims first makes them end before this one starts.
    INSERT INTO escalations_claim (case_id, operator_id, token, how, outcome)
    SELECT moved.id, %(operator_id)s, moved.lease_token, %(how)s, ''
    FROM moved WHERE (SELECT count(*) FROM lost) >= 0
),
logged AS (
    INSERT INTO escalations_event (case_id, kind, version, actor, data)
    SELECT moved.id, 'claimed', moved.version, %(actor)s, json_build_object('how', %(how)s::text) FROM moved
),
audited AS (
    INSERT INTO escalations_auditentry (actor, action, target, request_id)
    SELECT %(actor)s, 'claim', 'case:' || moved.id, %(request_id)s FROM moved
)
SELECT moved.id, moved.lease_token, moved.lease_expires_at FROM moved;
