-- Labels in force that came after the last ones that were drawn from, the oldest first: each of a person's decision
-- that stands, of a case that is not erased, and that nobody was to look at again so far. Those of the last minutes wait: the decision may be undone,
-- and a transaction that has not committed yet may still add one before them.
SELECT revision.id, revision.submitted_at, revision.resolution_id, revision.agent_correct,
       escalation.kind,
       resolution.superseded_at IS NULL AND resolution.decided_by = 'human'
           AND revision.superseded_at IS NULL AND revision.kind IN ('first', 'correction', 'imported')
           AND escalation.erased_at IS NULL AND review.id IS NULL AS is_open
FROM escalations_labelrevision revision
JOIN escalations_resolution resolution ON resolution.id = revision.resolution_id
JOIN escalations_escalation escalation ON escalation.id = resolution.case_id
LEFT JOIN escalations_review review ON review.resolution_id = resolution.id AND review.gold_id IS NULL
WHERE (revision.submitted_at, revision.id) > (%(since)s::timestamptz, %(since_id)s::uuid)
  AND revision.submitted_at <= statement_timestamp() - %(lag)s::interval
ORDER BY revision.submitted_at, revision.id
LIMIT %(limit)s
