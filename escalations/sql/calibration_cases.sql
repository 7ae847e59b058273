-- The newest cases of a version that came because its confidence was low, of one source. A person looked at
-- each, so each was drawn with certainty; `rate` is that at which finished runs were drawn when it came.
WITH latest AS MATERIALIZED (
    SELECT id, agent_version_id, kind, state, reason, confidence, confidence_source, policy_id, received_at
    FROM escalations_escalation
    WHERE agent_id = %(agent_id)s::bigint AND received_at >= %(since)s::timestamptz
    ORDER BY received_at DESC, id DESC
    LIMIT %(counted_max)s::int
)
SELECT latest.id, latest.id AS case_id, latest.confidence, 1::float8 AS probability,
       CASE WHEN jsonb_typeof(policy.rules -> 'audit_rate') = 'number'
            THEN least(1, greatest(0, (policy.rules ->> 'audit_rate')::float8)) ELSE 0 END AS rate,
       latest.received_at AS moment, decision.agent_correct, decision.created_at AS decided_at, decision.handle_seconds, person.hourly_cost_usd
FROM latest
LEFT JOIN escalations_policy policy ON policy.id = latest.policy_id
LEFT JOIN escalations_resolution decision
    ON decision.case_id = latest.id AND decision.superseded_at IS NULL AND decision.decided_by = 'human'
       AND latest.state = 'resolved'
LEFT JOIN escalations_operator person ON person.id = decision.operator_id
WHERE latest.agent_version_id = %(version)s::bigint AND latest.reason = 'low_confidence'
  AND latest.kind <> 'review' AND latest.confidence_source = %(source)s AND latest.confidence IS NOT NULL
ORDER BY latest.received_at DESC, latest.id
LIMIT %(rows_max)s::int;
