-- How much work of each skill came in each hour of the day: cases received, and how long a person had those that were
-- decided. Hours are those of a time zone, on the chosen days of the week. A case that asks for no skill counts under ''.
SELECT skill, hour, count(*)::int AS cases, count(handle_seconds)::int AS decided,
    coalesce(sum(handle_seconds), 0)::float8 AS seconds
FROM (
    SELECT unnest(CASE WHEN escalation.skills = '{}' THEN ARRAY[''] ELSE escalation.skills::text[] END) AS skill,
        extract(hour FROM escalation.received_at AT TIME ZONE %(zone)s::text)::int AS hour,
        resolution.handle_seconds
    FROM escalations_escalation escalation
    JOIN escalations_queue queue ON queue.id = escalation.queue_id
    LEFT JOIN escalations_resolution resolution
      ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL AND resolution.decided_by = 'human'
    WHERE escalation.received_at >= %(since)s::timestamptz AND escalation.received_at < %(until)s::timestamptz
      AND extract(isodow FROM escalation.received_at AT TIME ZONE %(zone)s::text)::int = ANY (%(days)s::int[])
      AND %(queue)s::text IN ('', queue.name)
) asked
GROUP BY skill, hour;
