-- Finished runs of some versions in a period: all, or every n-th in the order of time, so many that they fit.
-- `counted` is how many there are; more than counted_max are not looked at.
WITH found AS MATERIALIZED (
    SELECT id, category, confidence, turns, context_tokens, cost_usd, seconds, retries, tool_errors, sampling_probability, finished_at
    FROM escalations_run
    WHERE agent_version_id = ANY(%(versions)s::bigint[])
      AND finished_at >= %(since)s::timestamptz AND finished_at < %(until)s::timestamptz
    LIMIT %(counted_max)s::int + 1
),
placed AS (
    SELECT found.*, count(*) OVER () AS counted, row_number() OVER (ORDER BY finished_at, id) - 1 AS place
    FROM found
)
SELECT *
FROM placed
WHERE place % ceil(counted / %(rows_max)s::numeric)::bigint = 0
ORDER BY place;
