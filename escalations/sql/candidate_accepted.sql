-- The case of an offer that this operator can still accept. Its weight was counted when it was offered.
-- Needs lock_desk.sql before it.
WITH candidate AS (
    SELECT escalation.id
    FROM escalations_escalation escalation
    JOIN escalations_offer offer ON offer.case_id = escalation.id
    JOIN escalations_operator operator ON operator.id = offer.operator_id AND operator.is_active
    WHERE offer.id = %(offer_id)s AND offer.operator_id = %(operator_id)s
      AND offer.ended_at IS NULL AND offer.expires_at > statement_timestamp()
      AND (escalation.state = 'queued' OR (escalation.state = 'claimed' AND escalation.lease_expires_at <= statement_timestamp()))
      AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp())
    FOR NO KEY UPDATE OF escalation, offer
)
