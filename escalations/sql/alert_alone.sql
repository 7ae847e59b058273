-- At each moment the cases that waited for somebody and that nobody available could take. A case waits from when it
-- came, or came back to the queue, until somebody takes it; of those that came back before now, only after a claim that
-- ended so. Who is available is what the stays say; newer ones end at the last answered ping.
WITH moment AS (
    SELECT at, number FROM unnest(%(moments)s::timestamptz[]) WITH ORDINALITY AS one (at, number)
),
span AS MATERIALIZED (
    SELECT min(at) AS first, max(at) AS last FROM moment
),
waiting AS MATERIALIZED (
    SELECT stretch.id, since, until, skills, ARRAY[queue_id, overflow_queue_id, queue.overflow_id] AS queues
    FROM (
        SELECT escalation.id, queue_id, overflow_queue_id, agent_id, skills, 'infinity'::timestamptz AS until,
               CASE WHEN first_claimed_at IS NULL THEN received_at
                    -- Put aside and brought back, it is kept for its person for a while.
                    ELSE greatest(clock_started_at, affinity_until - %(kept)s::interval,
                                  (SELECT max(claim.ended_at) FROM escalations_claim claim
                                   WHERE claim.case_id = escalation.id)) END AS since
        FROM escalations_escalation escalation
        WHERE state = 'queued'
        UNION ALL
        -- What no longer waits counts at moments that are past.
        SELECT id, queue_id, overflow_queue_id, agent_id, skills, coalesce(first_claimed_at, closed_at), received_at
        FROM escalations_escalation
        WHERE (SELECT first FROM span) < statement_timestamp() - interval '1 minute' AND received_at <= (SELECT last FROM span)
          AND received_at > (SELECT first FROM span) - interval '7 days'
          AND coalesce(first_claimed_at, closed_at) > (SELECT first FROM span)
        UNION ALL
        SELECT escalation.id, queue_id, overflow_queue_id, agent_id, skills, taken.at, claim.ended_at
        FROM escalations_claim claim
        JOIN escalations_escalation escalation ON escalation.id = claim.case_id
        CROSS JOIN LATERAL (
            SELECT coalesce(min(later.started_at), escalation.closed_at) AS at FROM escalations_claim later
            WHERE later.case_id = claim.case_id AND later.token > claim.token
        ) taken
        WHERE (SELECT first FROM span) < statement_timestamp() - interval '1 minute' AND claim.started_at <= (SELECT last FROM span)
          AND claim.started_at > (SELECT first FROM span) - interval '7 days'
          AND claim.outcome IN ('released', 'lost', 'passed') AND taken.at > claim.ended_at
          AND taken.at > (SELECT first FROM span)
    ) stretch
    JOIN escalations_queue queue ON queue.id = stretch.queue_id
    WHERE (%(queue)s::bigint IS NULL OR queue_id = %(queue)s::bigint)
      AND (%(agent)s::bigint IS NULL OR agent_id = %(agent)s::bigint)
),
there AS MATERIALIZED (
    SELECT place.number, operator.skills,
           ARRAY(SELECT queue_id FROM escalations_operator_queues member WHERE member.operator_id = operator.id) AS queues
    FROM escalations_stay stay
    JOIN escalations_operator operator ON operator.id = stay.operator_id AND operator.is_active
    -- The numbers of the moments in a stretch of time: from its beginning on until before its end.
    CROSS JOIN LATERAL generate_series(
        width_bucket(stay.started_at - interval '1 microsecond', %(moments)s::timestamptz[]) + 1,
        width_bucket(stay.ended_at + %(there)s::interval - interval '1 microsecond', %(moments)s::timestamptz[])
    ) place (number)
    WHERE stay.availability = 'available'
),
unserved AS (
    SELECT place.number, waiting.id, waiting.since
    FROM waiting
    CROSS JOIN LATERAL generate_series(
        width_bucket(waiting.since - interval '1 microsecond', %(moments)s::timestamptz[]) + 1,
        width_bucket(waiting.until - interval '1 microsecond', %(moments)s::timestamptz[])
    ) place (number)
    WHERE NOT EXISTS (
        SELECT FROM there
        WHERE there.number = place.number AND waiting.skills <@ there.skills AND there.queues && waiting.queues
    )
),
stretch AS (
    SELECT id AS case_id, '' AS what, min(since) AS since FROM unserved GROUP BY id
)
