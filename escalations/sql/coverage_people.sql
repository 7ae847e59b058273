-- For how many seconds of each hour of the day people with each skill were there and available, by the ping of their
-- pages. A stretch is cut at the hours; '' stands for everybody, whatever they can do.
WITH stay AS (
    SELECT stay.operator_id, greatest(stay.started_at, %(since)s::timestamptz) AS started_at,
        least(stay.ended_at, %(until)s::timestamptz) AS ended_at, array_append(operator.skills::text[], '') AS skills
    FROM escalations_operator operator
    JOIN escalations_stay stay ON stay.operator_id = operator.id
    WHERE operator.is_active AND stay.availability = 'available'
      -- No page is open for days on end: the time only tells the database where to look.
      AND stay.started_at >= %(since)s::timestamptz - interval '2 days' AND stay.started_at < %(until)s::timestamptz
      AND stay.ended_at > %(since)s::timestamptz
      AND (%(queue)s::text = '' OR EXISTS (
          SELECT FROM escalations_operator_queues member JOIN escalations_queue queue ON queue.id = member.queue_id
          WHERE member.operator_id = operator.id AND queue.name = %(queue)s::text))
),
piece AS (
    SELECT stay.skills, hour.started_at AS hour,
        extract(epoch FROM least(stay.ended_at, hour.started_at + interval '1 hour')
                         - greatest(stay.started_at, hour.started_at))::float8 AS seconds
    FROM stay
    CROSS JOIN LATERAL generate_series(date_trunc('hour', stay.started_at, %(zone)s::text), stay.ended_at, interval '1 hour')
        AS hour (started_at)
)
SELECT skill, extract(hour FROM piece.hour AT TIME ZONE %(zone)s::text)::int AS hour, sum(seconds)::float8 AS seconds
FROM piece
CROSS JOIN LATERAL unnest(piece.skills) AS skill
WHERE seconds > 0 AND extract(isodow FROM piece.hour AT TIME ZONE %(zone)s::text)::int = ANY (%(days)s::int[])
GROUP BY skill, extract(hour FROM piece.hour AT TIME ZONE %(zone)s::text);
