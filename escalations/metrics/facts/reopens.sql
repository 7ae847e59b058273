-- Of decisions that were not undone: one that was superseded, and not by its undoing, was reopened.
SELECT resolution.case_id, resolution.created_at AS at, escalation.agent_version_id AS version_id,
       escalation.queue_id,
       CASE WHEN resolution.superseded_at <= resolution.created_at + interval '7 days' THEN 'reopened'
            ELSE 'stayed' END AS part,
       resolution.operator_id::text AS label, NULL::float8 AS value, true AS settled
FROM escalations_resolution resolution
JOIN escalations_escalation escalation ON escalation.id = resolution.case_id
WHERE resolution.decided_by = 'human'
  AND NOT EXISTS (SELECT FROM escalations_claim claim WHERE claim.case_id = resolution.case_id
                  AND claim.token = resolution.lease_token + 1 AND claim.how = 'undone')
