-- Hours (UTC) in which a live process ran.
SELECT NULL::uuid AS case_id, date_trunc('hour', live.minute, 'UTC') AS at, NULL::bigint AS version_id,
       NULL::bigint AS queue_id, '' AS part, '' AS label, sum(live.resyncs)::float8 AS value, true AS settled
FROM escalations_liveminute live
WHERE live.minute >= %(since)s AND live.minute < %(until)s
GROUP BY date_trunc('hour', live.minute, 'UTC')
