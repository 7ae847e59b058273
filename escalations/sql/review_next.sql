-- Give this person the review that waits longest, to review (`waiting`) or to settle (`differs`): of a decision that
-- stands, whose labels they never gave, and whose case they may see. Needs lock_desk.sql before it. SKIP LOCKED: a row that another transaction is
-- taking costs no wait.
WITH candidate AS (
    SELECT review.id
    FROM escalations_review review
    JOIN escalations_resolution resolution ON resolution.id = review.resolution_id
    JOIN escalations_escalation escalation ON escalation.id = resolution.case_id
    WHERE review.gold_id IS NULL AND review.state = %(state)s
      AND (review.holder_id IS NULL OR review.lease_expires_at <= statement_timestamp())
      AND resolution.superseded_at IS NULL
      AND NOT EXISTS (
          SELECT FROM escalations_labelrevision revision
          WHERE revision.resolution_id = review.resolution_id AND revision.operator_id = %(operator_id)s)
      AND (%(sees_all)s OR EXISTS (
          SELECT FROM escalations_operator_queues membership
          WHERE membership.operator_id = %(operator_id)s
            AND membership.queue_id IN (escalation.queue_id, escalation.overflow_queue_id)))
    ORDER BY review.created_at, review.id
    LIMIT 1
    FOR NO KEY UPDATE OF review SKIP LOCKED
)
UPDATE escalations_review review
SET holder_id = %(operator_id)s, taken_at = statement_timestamp(),
    lease_expires_at = statement_timestamp() + %(lease)s::interval
FROM candidate
WHERE review.id = candidate.id
RETURNING review.id
