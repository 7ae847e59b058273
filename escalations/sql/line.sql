-- Where the one subject stands, as its agent is told: how many people may take it (`able`), how many of them are
-- there with room for it (`available`), how many cases are to be taken before it, and how long that may last.
-- Counted up to a bound, and from the index of the order of work: a long queue slows neither intake nor polling.
, staff AS (
    SELECT operator_id, capacity, bool_or(is_own) AS is_own, bool_or(is_ready) AS is_ready
    FROM able GROUP BY operator_id, capacity
),
there AS (
    -- Members of the overflow queue are asked at once if nobody of the queue itself is there.
    SELECT staff.capacity
           - (SELECT coalesce(sum(held.weight), 0) FROM escalations_escalation held
              WHERE held.holder_id = staff.operator_id AND held.state = 'claimed'
                AND held.lease_expires_at > statement_timestamp())
           - (SELECT coalesce(sum(offer.weight), 0) FROM escalations_offer offer
              WHERE offer.operator_id = staff.operator_id AND offer.ended_at IS NULL
                AND offer.expires_at > statement_timestamp() AND offer.case_id <> subject.id)
           >= subject.weight AS has_room
    FROM staff, subject
    WHERE staff.is_ready
      AND (staff.is_own OR NOT EXISTS (SELECT FROM staff own WHERE own.is_own AND own.is_ready))
),
line AS (
    SELECT (SELECT count(*) FROM staff) AS able, people.available, place.ahead,
           -- Nobody has room: somebody must finish a case first. All of them together finish one in this time.
           CASE WHEN subject.is_held THEN 0
                WHEN subject.waits AND people.number > 0
                THEN ceil((place.ahead + CASE WHEN people.available = 0 THEN 1 ELSE 0 END)
                          * subject.mean_handle_seconds::float / people.number)::int
           END AS expected_wait_seconds
    FROM subject,
    (SELECT count(*) AS number, count(*) FILTER (WHERE has_room) AS available FROM there) people,
    LATERAL (
        SELECT count(*) AS ahead FROM (
            SELECT FROM (
                SELECT other.state, other.lease_expires_at, other.expires_at
                FROM escalations_escalation other
                WHERE subject.waits
                  AND other.queue_id = subject.queue_id AND other.state IN ('queued', 'claimed', 'waiting', 'snoozed')
                  AND (other.rank, other.due_at, other.received_at, other.id)
                      < (subject.rank, subject.due_at, subject.received_at, subject.id)
                ORDER BY other.queue_id, other.rank, other.due_at, other.received_at, other.id
                -- Those that others have in hand are passed over, up to a bound, too.
                LIMIT %(ahead_limit)s::int * 5
            ) front
            WHERE (front.state = 'queued'
                   OR front.state = 'claimed' AND front.lease_expires_at <= statement_timestamp())
              AND (front.expires_at IS NULL OR front.expires_at > statement_timestamp())
            LIMIT %(ahead_limit)s::int
        ) counted
    ) place
)
