-- At each moment: of the cases that waited for their first claim and that nobody available could take, how many, and
-- for how long the first of them. Who is available is what the stays say; newer ones end at the last answered ping.
WITH moment AS (
    SELECT unnest(%(moments)s::timestamptz[]) AS at
),
waiting AS MATERIALIZED (
    SELECT escalation.id, received_at, coalesce(first_claimed_at, closed_at, 'infinity'::timestamptz) AS until,
           ARRAY[queue_id, overflow_queue_id, queue.overflow_id] AS queues, skills
    FROM escalations_escalation escalation
    JOIN escalations_queue queue ON queue.id = escalation.queue_id
    WHERE received_at <= (SELECT max(at) FROM moment)
      AND (state IN ('queued', 'claimed', 'waiting', 'snoozed') AND first_claimed_at IS NULL
           OR received_at > (SELECT min(at) FROM moment) - interval '7 days'
              AND coalesce(first_claimed_at, closed_at) > (SELECT min(at) FROM moment))
      AND (%(queue)s::bigint IS NULL OR queue_id = %(queue)s::bigint)
      AND (%(agent)s::bigint IS NULL OR agent_id = %(agent)s::bigint)
),
there AS MATERIALIZED (
    SELECT moment.at, operator.id, operator.skills,
           ARRAY(SELECT queue_id FROM escalations_operator_queues member WHERE member.operator_id = operator.id) AS queues
    FROM moment
    JOIN escalations_stay stay ON stay.started_at <= moment.at AND stay.ended_at > moment.at - %(there)s::interval
    JOIN escalations_operator operator ON operator.id = stay.operator_id AND operator.is_active
    WHERE stay.availability = 'available'
)
SELECT moment.at, count(waiting.id)::int AS n,
       extract(epoch FROM moment.at - min(waiting.received_at))::float8 AS seconds
FROM moment
LEFT JOIN waiting ON waiting.received_at <= moment.at AND waiting.until > moment.at
    AND NOT EXISTS (
        SELECT FROM there
        WHERE there.at = moment.at AND waiting.skills <@ there.skills
          AND there.queues && waiting.queues
    )
GROUP BY moment.at
ORDER BY moment.at
