SELECT NULL::uuid AS case_id, available.at, NULL::bigint AS version_id, NULL::bigint AS queue_id,
       CASE WHEN held.operator_id IS NULL THEN 'free' ELSE 'busy' END AS part, available.operator_id::text AS label,
       NULL::float8 AS value, true AS settled
FROM available LEFT JOIN held USING (operator_id, at)
