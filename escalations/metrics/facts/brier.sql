-- Of the runs that were drawn for an audit, by what it found; to be right in part is not to be right.
SELECT audit.id AS case_id, audit.closed_at AS at, run.agent_version_id AS version_id, audit.queue_id, '' AS part,
       run.confidence_source AS label,
       (run.confidence - CASE resolution.agent_correct WHEN 'yes' THEN 1 ELSE 0 END) ^ 2 AS value, true AS settled
FROM escalations_escalation audit
JOIN escalations_run run ON run.case_id = audit.id
JOIN escalations_resolution resolution ON resolution.case_id = audit.id AND resolution.superseded_at IS NULL
WHERE audit.state = 'resolved' AND run.drawn AND run.confidence IS NOT NULL
  AND resolution.agent_correct IN ('yes', 'no', 'partial')
