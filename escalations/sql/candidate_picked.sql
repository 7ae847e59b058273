-- One case that the operator chose, if it is free, theirs to take, and not too heavy for what is on their
-- desk. An admin may take any. Whom it is offered to or kept for does not matter: the person is here.
-- Needs lock_desk.sql before it.
WITH offered AS (
    SELECT offer.case_id, offer.weight FROM escalations_offer offer
    WHERE offer.operator_id = %(operator_id)s AND offer.ended_at IS NULL
      AND offer.expires_at > statement_timestamp() AND offer.case_id <> %(case_id)s
),
operator AS (
    SELECT id, role, skills::text[] AS skills,
           ARRAY(SELECT queue_id FROM escalations_operator_queues WHERE operator_id = %(operator_id)s) AS queues,
           capacity - (SELECT coalesce(sum(weight), 0) FROM offered)
                    - (SELECT coalesce(sum(escalation.weight), 0) FROM escalations_escalation escalation
                       WHERE escalation.holder_id = %(operator_id)s AND escalation.state = 'claimed'
                         AND escalation.lease_expires_at > statement_timestamp()) AS free
    FROM escalations_operator WHERE id = %(operator_id)s AND is_active
),
candidate AS (
    SELECT escalation.id
    FROM escalations_escalation escalation, operator
    WHERE escalation.id = %(case_id)s
      AND (escalation.state = 'queued' OR (escalation.state = 'claimed' AND escalation.lease_expires_at <= statement_timestamp()))
      AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp())
      AND escalation.weight <= operator.free
      AND (operator.role = 'admin' OR (
          escalation.skills::text[] <@ operator.skills
          AND (escalation.queue_id = ANY (operator.queues) OR escalation.overflow_queue_id = ANY (operator.queues))))
    FOR NO KEY UPDATE OF escalation
)
