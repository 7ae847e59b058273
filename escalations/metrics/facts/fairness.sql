-- An hour (UTC) counts for a person, as far as they were available, if a case was offered in it that they might
-- have been offered, by their queues and skills of today. Offers are forgotten after a month.
WITH available AS MATERIALIZED (
    SELECT stay.operator_id, hour.start,
           sum(date_part('epoch', least(stay.ended_at, hour.start + interval '1 hour')
                                  - greatest(stay.started_at, hour.start))) / 3600 AS hours
    FROM escalations_operator operator
    JOIN escalations_stay stay ON stay.operator_id = operator.id
    CROSS JOIN LATERAL generate_series(date_trunc('hour', stay.started_at, 'UTC'),
                                       stay.ended_at - interval '1 microsecond', interval '1 hour') hour (start)
    -- No page is open for days on end: the time only tells the database where to look.
    WHERE stay.started_at >= %(since)s::timestamptz - interval '2 days' AND stay.started_at < %(until)s
      AND stay.availability = 'available'
      AND hour.start >= date_trunc('hour', greatest(%(since)s, statement_timestamp() - interval '29 days'), 'UTC')
    GROUP BY stay.operator_id, hour.start
),
offered AS MATERIALIZED (
    SELECT operator.id AS operator_id, one.case_id, one.offered_at, date_trunc('hour', one.offered_at, 'UTC') AS start,
           escalation.queue_id, escalation.overflow_queue_id, escalation.skills::text[] AS skills
    FROM escalations_operator operator
    CROSS JOIN LATERAL (
        SELECT offer.case_id, offer.offered_at FROM escalations_offer offer
        WHERE offer.operator_id = operator.id AND offer.offered_at < %(until)s
          AND offer.offered_at >= greatest(%(since)s, statement_timestamp() - interval '29 days')
    ) one
    JOIN escalations_escalation escalation ON escalation.id = one.case_id
),
work AS MATERIALIZED (
    SELECT DISTINCT start, queue_id, overflow_queue_id, skills FROM offered
),
eligible AS (
    SELECT available.* FROM available
    JOIN escalations_operator operator ON operator.id = available.operator_id
    WHERE EXISTS (
        SELECT FROM work
        WHERE work.start = available.start AND operator.skills::text[] @> work.skills
          AND EXISTS (SELECT FROM escalations_operator_queues member
                      WHERE member.operator_id = operator.id
                        AND member.queue_id IN (work.queue_id, work.overflow_queue_id))
    )
)
SELECT NULL::uuid AS case_id, greatest(start, %(since)s) AS at, NULL::bigint AS version_id, NULL::bigint AS queue_id,
       'hours' AS part, operator_id::text AS label, hours AS value, true AS settled
FROM eligible
UNION ALL
SELECT offered.case_id, offered.offered_at, NULL, NULL, 'offers', offered.operator_id::text, NULL, true
FROM offered
JOIN eligible USING (operator_id, start)
