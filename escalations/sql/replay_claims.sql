-- In place of that, where nothing of it is on record: the hours in which people took cases.
SELECT DISTINCT claim.operator_id, date_trunc('hour', claim.started_at) AS started_at,
    date_trunc('hour', claim.started_at) + interval '1 hour' AS ended_at
FROM escalations_claim claim
JOIN escalations_operator operator ON operator.id = claim.operator_id AND operator.is_active
WHERE claim.started_at >= %(since)s::timestamptz AND claim.started_at < %(until)s::timestamptz
ORDER BY claim.operator_id, started_at;
