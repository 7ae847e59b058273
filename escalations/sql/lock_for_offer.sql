-- Desks, then case, as everybody locks them. A person or case that somebody is at work on costs no wait:
-- the next sweep looks again.
WITH desks AS (
    SELECT operator_id FROM escalations_presence WHERE operator_id = ANY (%(operator_ids)s::bigint[])
    ORDER BY operator_id
    FOR NO KEY UPDATE SKIP LOCKED
),
target AS (
    SELECT id FROM escalations_escalation
    WHERE id = %(case_id)s AND (SELECT count(*) FROM desks) > 0
    FOR NO KEY UPDATE SKIP LOCKED
)
SELECT desks.operator_id FROM desks, target;
