-- The most urgent case that this operator may take: their queues or what overflows into them, within their
-- skills, held by nobody, offered to nobody else, not kept for another, not declined by them, not too heavy for
-- what is on their desk, and not for somebody with the preferred skills first. A case kept for them comes first.
-- Needs lock_desk.sql before it, unless it only looks (`empty_desk`: at what would be theirs had they room for it).
-- SKIP LOCKED: a row that another transaction is claiming costs no wait.
WITH offered AS (
    SELECT offer.case_id, offer.weight FROM escalations_offer offer
    WHERE offer.operator_id = %(operator_id)s AND offer.ended_at IS NULL
      AND offer.expires_at > statement_timestamp()
),
operator AS (
    SELECT skills::text[] AS skills,
           ARRAY(SELECT queue_id FROM escalations_operator_queues WHERE operator_id = %(operator_id)s) AS queues,
           ARRAY(SELECT case_id FROM offered) AS offered,
           capacity - CASE WHEN %(empty_desk)s::bool THEN 0 ELSE
                      (SELECT coalesce(sum(weight), 0) FROM offered)
                    + (SELECT coalesce(sum(escalation.weight), 0) FROM escalations_escalation escalation
                       WHERE escalation.holder_id = %(operator_id)s AND escalation.state = 'claimed'
                         AND escalation.lease_expires_at > statement_timestamp()) END AS free
    FROM escalations_operator WHERE id = %(operator_id)s AND is_active
),
kept AS (
    SELECT escalation.id
    FROM escalations_escalation escalation
    WHERE escalation.state = 'queued' AND escalation.affinity_id = %(operator_id)s
      AND escalation.affinity_until > statement_timestamp()
      AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp())
      AND (escalation.queue_id = ANY ((SELECT queues FROM operator)::bigint[])
           OR escalation.overflow_queue_id = ANY ((SELECT queues FROM operator)::bigint[]))
      AND escalation.skills::text[] <@ (SELECT skills FROM operator)
      AND CASE WHEN escalation.id = ANY ((SELECT offered FROM operator)::uuid[]) THEN 0 ELSE escalation.weight END
          <= (SELECT free FROM operator)
    ORDER BY escalation.rank, escalation.due_at, escalation.received_at, escalation.id
    LIMIT 1
    FOR NO KEY UPDATE OF escalation SKIP LOCKED
),
waiting AS (
    SELECT escalation.id
    FROM escalations_escalation escalation
    -- A full desk looks through no queue.
    WHERE (SELECT free > 0 OR free = 0 AND cardinality(offered) > 0 FROM operator)
      AND NOT EXISTS (SELECT FROM kept)
      AND escalation.state IN ('queued', 'claimed')
      AND (escalation.state = 'queued' OR escalation.lease_expires_at <= statement_timestamp())
      AND (escalation.expires_at IS NULL OR escalation.expires_at > statement_timestamp())
      AND (escalation.queue_id = ANY ((SELECT queues FROM operator)::bigint[])
           OR escalation.overflow_queue_id = ANY ((SELECT queues FROM operator)::bigint[]))
      AND escalation.skills::text[] <@ (SELECT skills FROM operator)
      AND CASE WHEN escalation.id = ANY ((SELECT offered FROM operator)::uuid[]) THEN 0 ELSE escalation.weight END
          <= (SELECT free FROM operator)
      -- Kept for who asked, if they are there to take it.
      AND NOT (coalesce(escalation.affinity_id <> %(operator_id)s AND escalation.affinity_until > statement_timestamp(), false)
               AND EXISTS (
                   SELECT FROM escalations_presence asker
                   WHERE asker.operator_id = escalation.affinity_id
                     AND asker.seen_at > statement_timestamp() - %(connected)s::interval
                     AND (asker.availability <> 'away' OR asker.reason = %(watching)s)))
      AND NOT EXISTS (
          SELECT FROM escalations_offer offer
          WHERE offer.case_id = escalation.id AND offer.ended_at IS NULL
            AND offer.expires_at > statement_timestamp() AND offer.operator_id <> %(operator_id)s)
      AND NOT EXISTS (
          SELECT FROM escalations_offer offer
          WHERE offer.case_id = escalation.id AND offer.operator_id = %(operator_id)s
            AND offer.outcome = 'declined' AND offer.offered_at >= escalation.clock_started_at)
      -- For a while after it came it waits for the preferred skills, if somebody who has them is there, unless it is
      -- at risk: what eligibility.py calls the exact ring.
      AND (escalation.preferred_skills::text[] <@ (SELECT skills FROM operator)
           OR coalesce(escalation.affinity_id = %(operator_id)s, false)
           OR escalation.clock_started_at <= statement_timestamp() - %(preferred)s::interval
           OR escalation.at_risk_at <= statement_timestamp()
           OR NOT EXISTS (
               SELECT FROM escalations_operator_queues member
               JOIN escalations_operator other ON other.id = member.operator_id
               JOIN escalations_presence presence ON presence.operator_id = other.id
               WHERE member.queue_id IN (escalation.queue_id, escalation.overflow_queue_id)
                 AND other.is_active AND other.capacity >= escalation.weight
                 AND other.skills::text[] @> escalation.skills::text[]
                 AND (other.skills::text[] @> escalation.preferred_skills::text[] OR other.id = escalation.affinity_id)
                 AND presence.availability = 'available'
                 AND presence.seen_at > statement_timestamp() - %(connected)s::interval
                 AND NOT EXISTS (
                     SELECT FROM escalations_offer offer
                     WHERE offer.case_id = escalation.id AND offer.operator_id = other.id
                       AND offer.outcome = 'declined' AND offer.offered_at >= escalation.clock_started_at)))
    ORDER BY escalation.rank, escalation.due_at, escalation.received_at, escalation.id
    LIMIT 1
    FOR NO KEY UPDATE OF escalation SKIP LOCKED
),
candidate AS (
    SELECT id FROM kept UNION ALL SELECT id FROM waiting
)
