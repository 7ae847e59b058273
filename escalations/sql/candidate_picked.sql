-- One case that the operator chose, if it is free and theirs to take. An admin may take any.
WITH operator AS (
    SELECT id, role, skills::text[] AS skills FROM escalations_operator WHERE id = %(operator_id)s AND is_active
),
candidate AS (
    SELECT escalation.id
    FROM escalations_escalation escalation, operator
    WHERE escalation.id = %(case_id)s
      AND (escalation.state = 'queued' OR (escalation.state = 'claimed' AND escalation.lease_expires_at <= statement_timestamp()))
      AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp())
      AND (operator.role = 'admin' OR (
          escalation.skills::text[] <@ operator.skills
          AND escalation.queue_id IN (
              SELECT queue_id FROM escalations_operator_queues WHERE operator_id = %(operator_id)s)))
    FOR UPDATE OF escalation
)
