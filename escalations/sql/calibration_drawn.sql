-- The newest finished runs of a version that were drawn for an audit, with a confidence of one source: what
-- people found, how long they had it, and what an hour of theirs costs. `probability` is that of being looked at.
WITH drawn AS MATERIALIZED (
    SELECT id, case_id, confidence, sampling_probability, finished_at
    FROM escalations_run
    WHERE agent_version_id = %(version)s::bigint AND confidence_source = %(source)s AND drawn
      AND confidence IS NOT NULL
    ORDER BY finished_at DESC
    LIMIT %(rows_max)s::int
)
SELECT drawn.id, drawn.case_id, drawn.confidence, drawn.sampling_probability AS rate,
       drawn.sampling_probability AS probability, drawn.finished_at AS moment,
       decision.agent_correct, decision.created_at AS decided_at, decision.handle_seconds, person.hourly_cost_usd
FROM drawn
LEFT JOIN escalations_escalation audit ON audit.id = drawn.case_id AND audit.state = 'resolved'
LEFT JOIN escalations_resolution decision
    ON decision.case_id = audit.id AND decision.superseded_at IS NULL AND decision.decided_by = 'human'
LEFT JOIN escalations_operator person ON person.id = decision.operator_id
ORDER BY drawn.finished_at DESC, drawn.id;
