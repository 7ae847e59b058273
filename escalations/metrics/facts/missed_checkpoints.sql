SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, resolution.failure_primary AS part, left(revision.missed_checkpoint, 60) AS label, NULL::float8 AS value,
       true AS settled
FROM escalations_escalation escalation
JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
JOIN escalations_labelrevision revision
  ON revision.resolution_id = resolution.id AND revision.superseded_at IS NULL AND revision.kind <> 'blind'
WHERE escalation.state = 'resolved' AND revision.missed_checkpoint <> ''
