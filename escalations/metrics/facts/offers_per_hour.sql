-- Days are those of UTC and count whole, by when they began. Offers are forgotten after a month.
WITH available AS MATERIALIZED (
    SELECT stay.operator_id, day.start,
           sum(date_part('epoch', least(stay.ended_at, day.start + interval '24 hours')
                                  - greatest(stay.started_at, day.start))) / 3600 AS hours
    FROM escalations_operator operator
    JOIN escalations_stay stay ON stay.operator_id = operator.id
    CROSS JOIN LATERAL generate_series(date_trunc('day', stay.started_at, 'UTC'),
                                       stay.ended_at - interval '1 microsecond', interval '24 hours') day (start)
    -- No page is open for days on end: the time only tells the database where to look.
    WHERE stay.started_at >= %(since)s::timestamptz - interval '2 days'
      AND stay.started_at < %(until)s::timestamptz + interval '24 hours' AND stay.availability = 'available'
      AND day.start >= statement_timestamp() - interval '29 days'
    GROUP BY stay.operator_id, day.start
)
SELECT NULL::uuid AS case_id, available.start AS at, NULL::bigint AS version_id, NULL::bigint AS queue_id,
       '' AS part, available.operator_id::text AS label, offered.number / available.hours AS value, true AS settled
FROM available
CROSS JOIN LATERAL (
    SELECT count(*)::float8 AS number FROM escalations_offer offer
    WHERE offer.operator_id = available.operator_id AND offer.offered_at >= available.start
      AND offer.offered_at < available.start + interval '24 hours'
) offered
WHERE available.hours >= 1
