-- Open cases to the members of the overflow queue: those that waited long enough, and those named.
WITH due AS (
    SELECT waiting.id, waiting.version, queue.overflow_id, overflow.name
    FROM escalations_queue queue
    JOIN escalations_queue overflow ON overflow.id = queue.overflow_id,
    LATERAL (
        SELECT escalation.id, escalation.version FROM escalations_escalation escalation
        WHERE escalation.queue_id = queue.id AND escalation.state = 'queued' AND escalation.overflow_queue_id IS NULL
          AND (escalation.clock_started_at <= statement_timestamp() - %(after)s::interval
               OR escalation.id = ANY (%(case_ids)s::uuid[]))
        ORDER BY escalation.rank, escalation.due_at, escalation.received_at, escalation.id
        LIMIT %(limit)s::int
        FOR NO KEY UPDATE SKIP LOCKED
    ) waiting
),
opened AS (
    UPDATE escalations_escalation escalation SET overflow_queue_id = due.overflow_id
    FROM due WHERE escalation.id = due.id
    RETURNING escalation.id
),
logged AS (
    INSERT INTO escalations_event (case_id, kind, version, actor, data)
    SELECT due.id, 'overflowed', due.version, 'system', json_build_object('queue', due.name)
    FROM due JOIN opened USING (id)
)
SELECT id FROM opened;
