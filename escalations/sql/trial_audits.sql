-- After trial_latest.sql. Finished runs that were drawn and whose full state was posted, the newest first, with the
-- rate at which they were drawn, what people found, and how long that took them.
posted AS (
    SELECT run.category, run.confidence, run.turns, run.context_tokens, run.cost_usd, run.seconds, run.retries,
           run.tool_errors, run.sampling_probability, latest.id, latest.state, latest.reason, latest.received_at
    FROM latest
    JOIN escalations_run run ON run.case_id = latest.id
    WHERE run.drawn AND run.sampling_probability > 0 AND run.agent_version_id = ANY(%(versions)s::bigint[])
    ORDER BY latest.received_at DESC, latest.id DESC
    LIMIT %(rows_max)s::int
)
SELECT posted.*, decision.agent_correct, decision.overrode, decision.handle_seconds, person.hourly_cost_usd,
       CASE WHEN octet_length(handoff.body) <= %(body_max)s::int THEN handoff.body END AS body
FROM posted
JOIN escalations_handoff handoff ON handoff.case_id = posted.id
LEFT JOIN escalations_resolution decision
    ON decision.case_id = posted.id AND decision.superseded_at IS NULL AND decision.decided_by = 'human'
       AND posted.state = 'resolved'
LEFT JOIN escalations_operator person ON person.id = decision.operator_id
ORDER BY posted.received_at DESC, posted.id DESC;
