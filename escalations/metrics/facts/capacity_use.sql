SELECT NULL::uuid AS case_id, available.at, NULL::bigint AS version_id, NULL::bigint AS queue_id,
       CASE WHEN place.number <= held.weight THEN 'used' ELSE 'free' END AS part,
       available.operator_id::text AS label, NULL::float8 AS value, true AS settled
FROM available LEFT JOIN held USING (operator_id, at)
CROSS JOIN LATERAL generate_series(1, available.capacity) place (number)
