-- Offer a case that waits, and is offered to nobody, to those of the people who can be offered work and have
-- room for it. Needs lock_for_offer.sql before it.
WITH target AS (
    SELECT escalation.id, escalation.version, escalation.weight
    FROM escalations_escalation escalation
    WHERE escalation.id = %(case_id)s
      AND (escalation.state = 'queued' OR (escalation.state = 'claimed' AND escalation.lease_expires_at <= statement_timestamp()))
      AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp())
      AND NOT EXISTS (SELECT FROM escalations_offer offer WHERE offer.case_id = escalation.id
                      AND offer.ended_at IS NULL AND offer.expires_at > statement_timestamp())
),
made AS (
    INSERT INTO escalations_offer (case_id, operator_id, ring, weight, expires_at, outcome, reason)
    SELECT target.id, operator.id, %(ring)s, target.weight, statement_timestamp() + %(seconds)s::interval, '', ''
    FROM target, escalations_operator operator
    JOIN escalations_presence presence ON presence.operator_id = operator.id
    WHERE operator.id = ANY (%(operator_ids)s::bigint[]) AND operator.is_active
      AND presence.availability = 'available'
      AND presence.seen_at > statement_timestamp() - %(connected)s::interval
      AND target.weight <= operator.capacity
          - (SELECT coalesce(sum(held.weight), 0) FROM escalations_escalation held
             WHERE held.holder_id = operator.id AND held.state = 'claimed'
               AND held.lease_expires_at > statement_timestamp())
          - (SELECT coalesce(sum(offer.weight), 0) FROM escalations_offer offer
             WHERE offer.operator_id = operator.id AND offer.ended_at IS NULL
               AND offer.expires_at > statement_timestamp())
    -- One that ran out and was not swept yet is in the way for a moment.
    ON CONFLICT DO NOTHING
    RETURNING id, case_id, operator_id
),
noted AS (
    UPDATE escalations_presence presence SET last_offered_at = statement_timestamp()
    FROM made WHERE presence.operator_id = made.operator_id
),
logged AS (
    INSERT INTO escalations_event (case_id, kind, version, actor, data)
    SELECT made.case_id, 'offered', target.version, 'system',
           json_build_object('operator', made.operator_id, 'offer', made.id)
    FROM made, target
)
SELECT operator_id FROM made;
