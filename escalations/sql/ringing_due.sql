-- The timers of clocks that ring now. Before clocks had names, the due time had the only timer.
WITH alarm AS (
    SELECT id, case_id, CASE kind WHEN 'due' THEN 'resolution' ELSE kind END AS kind
    FROM escalations_timer
    WHERE fired_at IS NULL AND due_at <= %(now)s::timestamptz
      AND kind IN ('pickup', 'resolution', 'response', 'due')
    ORDER BY due_at
    LIMIT %(limit)s::int
    FOR UPDATE SKIP LOCKED
),
ringing AS (
    SELECT DISTINCT case_id, kind FROM alarm
)
