-- Each queue at this moment, or the one of that name: what is open in it, by what is done with it, how long the oldest
-- waits, how much is at risk or late, what came and went in the last hour, and of whose decisions the agents did not get
-- which, or too late.
SELECT queue.id, queue.name, queue.mean_handle_seconds,
    coalesce(backlog.waiting, 0)::int AS waiting, coalesce(backlog.in_hand, 0)::int AS in_hand,
    coalesce(backlog.aside, 0)::int AS aside, backlog.oldest_at, backlog.oldest_id,
    coalesce(backlog.at_risk, 0)::int AS at_risk, coalesce(backlog.breached, 0)::int AS breached,
    coalesce(arrived.number, 0)::int AS received, coalesce(left_it.number, 0)::int AS resolved,
    coalesce(left_it.undelivered, 0)::int AS undelivered, coalesce(left_it.missed, 0)::int AS missed,
    coalesce(left_it.late, 0)::int AS came_late
FROM escalations_queue queue
LEFT JOIN (
    SELECT queue_id,
        count(*) FILTER (WHERE waits) AS waiting,
        count(*) FILTER (WHERE state = 'claimed' AND NOT waits) AS in_hand,
        count(*) FILTER (WHERE state IN ('waiting', 'snoozed')) AS aside,
        min(received_at) FILTER (WHERE waits) AS oldest_at,
        (array_agg(id ORDER BY received_at, id) FILTER (WHERE waits))[1] AS oldest_id,
        count(*) FILTER (WHERE case_at_risk_during(at_risk_at, next_due_at, paused_at) @> statement_timestamp()) AS at_risk,
        count(*) FILTER (WHERE case_late_from(next_due_at, paused_at) <= statement_timestamp()) AS breached
    FROM (
        SELECT *, state = 'queued' OR state = 'claimed' AND lease_expires_at <= statement_timestamp() AS waits
        FROM escalations_escalation
        WHERE state IN ('queued', 'claimed', 'waiting', 'snoozed')
    ) still_open
    GROUP BY queue_id
) backlog ON backlog.queue_id = queue.id
LEFT JOIN (
    SELECT queue_id, count(*) AS number FROM escalations_escalation
    WHERE received_at > statement_timestamp() - interval '1 hour' GROUP BY queue_id
) arrived ON arrived.queue_id = queue.id
LEFT JOIN (
    SELECT queue_id, count(*) AS number,
        count(*) FILTER (WHERE delivery = 'undelivered') AS undelivered,
        count(*) FILTER (WHERE delivery = 'undelivered'
                               AND greatest(closed_at, dispatch_at) < statement_timestamp() - %(missed_after)s::interval) AS missed,
        count(*) FILTER (WHERE delivery = 'late') AS late
    FROM escalations_escalation
    WHERE closed_at > statement_timestamp() - interval '1 hour' AND state = 'resolved' GROUP BY queue_id
) left_it ON left_it.queue_id = queue.id
WHERE %(queue)s::text IN ('', queue.name)
ORDER BY queue.name;
