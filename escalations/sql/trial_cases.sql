-- After trial_latest.sql. The cases of some versions, without the audits of finished runs: all, or every n-th.
-- What they say is told only where it is short enough to be read.
placed AS (
    SELECT latest.*, count(*) OVER () AS counted, row_number() OVER (ORDER BY received_at, id) - 1 AS place
    FROM latest
    WHERE agent_version_id = ANY(%(versions)s::bigint[])
      AND NOT EXISTS (SELECT FROM escalations_run run WHERE run.case_id = latest.id)
)
SELECT placed.*, (SELECT count(*) FROM latest) AS looked_at,
       CASE WHEN octet_length(handoff.body) <= %(body_max)s::int THEN handoff.body END AS body,
       decision.agent_correct, decision.overrode, decision.handle_seconds, person.hourly_cost_usd
FROM placed
JOIN escalations_handoff handoff ON handoff.case_id = placed.id
LEFT JOIN escalations_resolution decision
    ON decision.case_id = placed.id AND decision.superseded_at IS NULL AND decision.decided_by = 'human'
       AND placed.state = 'resolved'
LEFT JOIN escalations_operator person ON person.id = decision.operator_id
WHERE place % ceil(counted / %(rows_max)s::numeric)::bigint = 0
ORDER BY place;
