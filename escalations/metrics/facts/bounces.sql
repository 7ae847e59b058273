-- Who takes a decision back has the case as before: that is no claim more.
SELECT escalation.id AS case_id, escalation.closed_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id, '' AS part, '' AS label,
       greatest(0, (SELECT count(*) FROM escalations_claim claim
                    WHERE claim.case_id = escalation.id AND claim.how <> 'undone') - 1)::float8 AS value,
       true AS settled
FROM escalations_escalation escalation
WHERE escalation.state = 'resolved'
