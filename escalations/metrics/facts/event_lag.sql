SELECT NULL::uuid AS case_id, live.minute AS at, NULL::bigint AS version_id, NULL::bigint AS queue_id,
       '' AS part, '' AS label, live.lag_p95 AS value, true AS settled
FROM escalations_liveminute live
WHERE live.minute >= %(since)s AND live.minute < %(until)s AND live.lag_p95 IS NOT NULL
