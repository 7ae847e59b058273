-- The most urgent case that this operator may take: their queues, within their skills, held by nobody.
-- SKIP LOCKED: a row that another transaction is claiming costs no wait.
WITH operator AS (
    SELECT skills::text[] AS skills,
           ARRAY(SELECT queue_id FROM escalations_operator_queues WHERE operator_id = %(operator_id)s) AS queues
    FROM escalations_operator WHERE id = %(operator_id)s AND is_active
),
candidate AS (
    SELECT escalation.id
    FROM escalations_escalation escalation
    WHERE escalation.state IN ('queued', 'claimed')
      AND (escalation.state = 'queued' OR escalation.lease_expires_at <= statement_timestamp())
      AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp())
      AND escalation.queue_id = ANY ((SELECT queues FROM operator)::bigint[])
      AND escalation.skills::text[] <@ (SELECT skills FROM operator)
    ORDER BY escalation.rank, escalation.due_at, escalation.received_at, escalation.id
    LIMIT 1
    FOR UPDATE OF escalation SKIP LOCKED
)
