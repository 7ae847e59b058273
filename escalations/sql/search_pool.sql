-- The open cases that may be found; what fits follows.
pool AS MATERIALIZED (
    SELECT escalation.id
    FROM escalations_escalation escalation
    WHERE escalation.state IN ('queued', 'claimed', 'waiting', 'snoozed')
      AND
