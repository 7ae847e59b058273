-- How sure a version was in its newest finished runs: each confidence of one source, drawn at that rate or a
-- higher one, and how often it came; of those that finished before `since`, if that is told, none.
WITH newest AS MATERIALIZED (
    SELECT confidence, confidence_source, sampling_probability, finished_at
    FROM escalations_run
    WHERE agent_version_id = %(version)s::bigint
    ORDER BY finished_at DESC
    LIMIT %(counted_max)s::int
)
SELECT confidence, count(*) AS n, min(finished_at) AS since
FROM newest
WHERE confidence_source = %(source)s AND confidence IS NOT NULL AND sampling_probability >= %(rate)s::float8
  AND finished_at >= coalesce(%(since)s::timestamptz, '-infinity')
GROUP BY confidence
ORDER BY confidence;
