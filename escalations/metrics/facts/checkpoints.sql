-- Of the newest of the period, so that it costs the same however many there are. They belong to no queue.
SELECT newest.case_id, newest.created_at AS at, newest.agent_version_id AS version_id, NULL::bigint AS queue_id,
       CASE WHEN newest.passed THEN 'passed' ELSE 'failed' END AS part, newest.step AS label, NULL::float8 AS value,
       true AS settled
FROM (
    SELECT checked.* FROM escalations_checkpoint checked
    WHERE checked.created_at >= %(since)s AND checked.created_at < %(until)s
    ORDER BY checked.created_at DESC
    LIMIT %(newest)s
) newest
