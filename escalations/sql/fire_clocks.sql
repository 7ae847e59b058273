-- Tell of the newest step that each ringing clock has reached, and set its timer to the next.
, reached AS (
    SELECT DISTINCT ON (case_id, kind) * FROM step WHERE due_at <= %(now)s::timestamptz
    ORDER BY case_id, kind, percent DESC
),
coming AS (
    SELECT DISTINCT ON (case_id, kind) * FROM step WHERE due_at > %(now)s::timestamptz
    ORDER BY case_id, kind, percent
),
silenced AS (
    DELETE FROM escalations_timer timer USING alarm WHERE timer.id = alarm.id
),
timed AS (
    INSERT INTO escalations_timer (case_id, kind, percent, due_at, fired_at)
    SELECT case_id, kind, percent, due_at, %(now)s::timestamptz FROM reached
    UNION ALL
    -- Somebody who moved the clocks meanwhile has set a timer of their own.
    SELECT case_id, kind, percent, due_at, NULL FROM coming
    WHERE NOT EXISTS (
        SELECT FROM escalations_timer other
        WHERE other.case_id = coming.case_id AND other.kind = coming.kind AND other.fired_at IS NULL
          AND other.due_at <= coming.due_at AND other.id NOT IN (SELECT id FROM alarm))
),
logged AS (
    INSERT INTO escalations_event (case_id, kind, version, actor, data)
    SELECT case_id, CASE percent WHEN 100 THEN 'breached' ELSE 'sla_warning' END, version, 'system',
           CASE percent WHEN 100 THEN json_build_object('clock', kind)
                ELSE json_build_object('clock', kind, 'percent', percent) END
    FROM reached
)
SELECT (SELECT count(*) FROM alarm) AS rung, reached.case_id, reached.kind, reached.percent
FROM (SELECT) always LEFT JOIN reached ON true;
