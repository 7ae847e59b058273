SELECT NULL::uuid AS case_id, sweep.finished_at AS at, NULL::bigint AS version_id, NULL::bigint AS queue_id,
       '' AS part, sweep.name AS label, date_part('epoch', statement_timestamp() - sweep.finished_at) AS value,
       false AS settled
FROM escalations_sweeprun sweep
