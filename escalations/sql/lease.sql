-- Lease the candidate (see candidate_*.sql): end a dead claim and the offers, raise the fence, start the new claim.
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
        first_claimed_at = coalesce(first_claimed_at, statement_timestamp()),
        affinity_id = NULL, affinity_until = NULL
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
over AS (
    -- One's own offer is accepted by taking the case. Those that others let time out are the sweep's to judge.
    UPDATE escalations_offer offer
    SET ended_at = statement_timestamp(),
        outcome = CASE WHEN offer.operator_id = %(operator_id)s THEN 'accepted' ELSE 'rescinded' END
    FROM moved
    WHERE offer.case_id = moved.id AND offer.ended_at IS NULL
      AND (offer.operator_id = %(operator_id)s OR offer.expires_at > statement_timestamp())
    RETURNING offer.case_id, offer.operator_id, offer.outcome
),
here AS (
    -- Who takes work is there: what they missed before does not count.
    UPDATE escalations_presence presence SET missed = 0
    FROM moved WHERE presence.operator_id = %(operator_id)s AND presence.missed > 0
),
logged AS (
    INSERT INTO escalations_event (case_id, kind, version, actor, data)
    SELECT moved.id, 'claimed', moved.version, %(actor)s, json_build_object('how', %(how)s::text) FROM moved
    UNION ALL
    SELECT over.case_id, 'offer_ended', moved.version, %(actor)s,
           json_build_object('operator', over.operator_id, 'outcome', over.outcome)
    FROM over JOIN moved ON moved.id = over.case_id
),
audited AS (
    INSERT INTO escalations_auditentry (actor, action, target, request_id)
    SELECT %(actor)s, 'claim', 'case:' || moved.id, %(request_id)s FROM moved
)
SELECT moved.id, moved.lease_token, moved.lease_expires_at FROM moved;
