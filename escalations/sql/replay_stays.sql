-- When people were available, by the ping of their pages.
SELECT stay.operator_id, greatest(stay.started_at, %(since)s::timestamptz) AS started_at,
    least(stay.ended_at, %(until)s::timestamptz) AS ended_at
FROM escalations_operator operator
JOIN escalations_stay stay ON stay.operator_id = operator.id
WHERE operator.is_active AND stay.availability = 'available'
  -- No page is open for days on end: the time only tells the database where to look.
  AND stay.started_at >= %(since)s::timestamptz - interval '2 days' AND stay.started_at < %(until)s::timestamptz
  AND stay.ended_at > %(since)s::timestamptz
ORDER BY stay.operator_id, stay.started_at;
