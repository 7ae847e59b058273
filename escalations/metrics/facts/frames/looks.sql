-- Each quarter of an hour: who was available, and what they held then.
WITH available AS MATERIALIZED (
    SELECT operator.id AS operator_id, operator.capacity, look.at
    FROM escalations_operator operator
    JOIN escalations_stay stay ON stay.operator_id = operator.id
    CROSS JOIN LATERAL generate_series(
        date_bin('15 minutes', greatest(stay.started_at, %(since)s) + interval '15 minutes - 1 microsecond', 'epoch'),
        least(stay.ended_at, %(until)s) - interval '1 microsecond', interval '15 minutes') look (at)
    -- No page is open and no lease renewed for days on end: the time only tells the database where to look.
    WHERE stay.started_at >= %(since)s::timestamptz - interval '2 days' AND stay.started_at < %(until)s
      AND stay.ended_at > %(since)s AND stay.availability = 'available'
),
held AS MATERIALIZED (
    SELECT claim.operator_id, look.at, sum(escalation.weight) AS weight
    FROM escalations_claim claim
    JOIN escalations_escalation escalation ON escalation.id = claim.case_id
    CROSS JOIN LATERAL generate_series(
        date_bin('15 minutes', greatest(claim.started_at, %(since)s) + interval '15 minutes - 1 microsecond', 'epoch'),
        least(claim.ended_at, %(until)s) - interval '1 microsecond', interval '15 minutes') look (at)
    WHERE claim.started_at >= %(since)s::timestamptz - interval '2 days' AND claim.started_at < %(until)s
      -- Most claims are over before the next look.
      AND coalesce(claim.ended_at, %(until)s)
          > date_bin('15 minutes', claim.started_at + interval '15 minutes - 1 microsecond', 'epoch')
    GROUP BY claim.operator_id, look.at
)
