-- The first few finished runs of each version in each slice of the period, where there are too many to count.
SELECT run.*
FROM unnest(%(versions)s::bigint[]) AS version (id)
CROSS JOIN generate_series(0, %(slices)s::int - 1) AS slice (number)
CROSS JOIN LATERAL (
    SELECT id, category, confidence, turns, context_tokens, cost_usd, seconds, retries, tool_errors, sampling_probability
    FROM escalations_run
    WHERE agent_version_id = version.id
      AND finished_at >= %(since)s::timestamptz + slice.number * %(slice)s::interval
      AND finished_at < least(%(until)s::timestamptz, %(since)s::timestamptz + (slice.number + 1) * %(slice)s::interval)
    ORDER BY finished_at, id
    LIMIT %(of_each)s::int
) run;
