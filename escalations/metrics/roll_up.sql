-- Count what the facts of some cases are now, in place of what was counted of them before.
WITH chosen AS MATERIALIZED (
    SELECT unnest(%(cases)s::uuid[]) AS case_id
),
fact AS (
{facts}
),
fresh AS MATERIALIZED (
    SELECT case_id, metric,
           concat_ws(%(separator)s, metric, date_part('epoch', date_trunc('hour', at, 'UTC'))::bigint,
                     version_id, queue_id, part, coalesce(label, ''),
                     coalesce(({bin})::text, ''), coalesce(({micro})::text, '')) AS line
    FROM fact
),
counted AS MATERIALIZED (
    SELECT rolled.case_id, split_part(line, %(separator)s, 1) AS metric, line
    FROM escalations_rolledcase rolled, unnest(rolled.facts) line
    WHERE rolled.case_id IN (SELECT case_id FROM chosen)
),
-- Where rows were forgotten, what had been counted of them stays.
forgotten AS MATERIALIZED (
    SELECT case_id, metric
    FROM (SELECT case_id, metric, 1 AS sign FROM counted WHERE metric = ANY (%(forgetful)s)
          UNION ALL SELECT case_id, metric, -1 FROM fresh WHERE metric = ANY (%(forgetful)s)) one
    GROUP BY case_id, metric
    HAVING sum(sign) > 0
),
current AS MATERIALIZED (
    SELECT case_id, line FROM fresh WHERE (case_id, metric) NOT IN (SELECT case_id, metric FROM forgotten)
    UNION ALL
    SELECT case_id, line FROM counted WHERE (case_id, metric) IN (SELECT case_id, metric FROM forgotten)
),
changed AS (
    SELECT line, sum(sign) AS n
    FROM (SELECT line, 1 AS sign FROM current UNION ALL SELECT line, -1 FROM counted) signed
    GROUP BY line
    HAVING sum(sign) <> 0
),
cell AS MATERIALIZED (
    SELECT split_part(line, %(separator)s, 1) AS metric,
           to_timestamp(split_part(line, %(separator)s, 2)::bigint) AS hour,
           dimension.version_id, dimension.queue_id,
           split_part(line, %(separator)s, 5) AS part, split_part(line, %(separator)s, 6) AS label,
           nullif(split_part(line, %(separator)s, 7), '')::smallint AS bin,
           n, n * coalesce(nullif(split_part(line, %(separator)s, 8), '')::bigint, 0) AS total
    FROM changed CROSS JOIN LATERAL (VALUES
        (split_part(line, %(separator)s, 3)::bigint, split_part(line, %(separator)s, 4)::bigint), (0, 0)
    ) dimension (version_id, queue_id)
),
counts AS (
    INSERT INTO escalations_rollup AS cell (metric, hour, version_id, queue_id, part, label, n, total)
    SELECT metric, hour, version_id, queue_id, part, label, sum(n), sum(total) FROM cell
    GROUP BY metric, hour, version_id, queue_id, part, label
    ON CONFLICT (metric, hour, version_id, queue_id, part, label)
    DO UPDATE SET n = cell.n + excluded.n, total = cell.total + excluded.total
),
bins AS (
    INSERT INTO escalations_rollupbin AS cell (metric, hour, version_id, queue_id, part, label, bin, n)
    SELECT metric, hour, version_id, queue_id, part, label, bin, sum(n) FROM cell
    WHERE bin IS NOT NULL
    GROUP BY metric, hour, version_id, queue_id, part, label, bin
    ON CONFLICT (metric, hour, version_id, queue_id, part, label, bin) DO UPDATE SET n = cell.n + excluded.n
)
INSERT INTO escalations_rolledcase (case_id, facts)
SELECT case_id, coalesce(array_agg(line ORDER BY line) FILTER (WHERE line IS NOT NULL), '{{}}')
FROM (SELECT case_id, line FROM current UNION ALL SELECT case_id, NULL FROM chosen) one
GROUP BY case_id
ON CONFLICT (case_id) DO UPDATE SET facts = excluded.facts
