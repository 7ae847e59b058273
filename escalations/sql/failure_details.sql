-- What people said of cases where something went wrong, beyond the mode: who was responsible, which tool failed how,
-- which codes of published taxonomies fit, and where the root cause lay. Each with how many cases.
WITH said AS (
    SELECT revision.responsible, revision.tool_fault, revision.external_codes, revision.root_cause_index
    FROM escalations_escalation escalation
    JOIN escalations_resolution resolution ON resolution.case_id = escalation.id AND resolution.superseded_at IS NULL
    JOIN escalations_labelrevision revision
      ON revision.resolution_id = resolution.id AND revision.superseded_at IS NULL AND revision.kind <> 'blind'
    JOIN escalations_agentversion version ON version.id = escalation.agent_version_id
    JOIN escalations_agent agent ON agent.id = version.agent_id
    JOIN escalations_queue queue ON queue.id = escalation.queue_id
    WHERE escalation.closed_at >= %(since)s::timestamptz AND escalation.closed_at < %(until)s::timestamptz
      AND escalation.state = 'resolved'
      AND %(agent)s::text IN ('', agent.name) AND %(version)s::text IN ('', version.name)
      AND %(queue)s::text IN ('', queue.name)
      AND resolution.failure_primary NOT IN ('', 'none') AND %(mode)s::text IN ('', resolution.failure_primary)
)
SELECT what, name, count(*)::int AS n
FROM (
    SELECT 'responsible' AS what, responsible AS name FROM said WHERE responsible <> ''
    UNION ALL
    SELECT 'tool', concat_ws(' · ', tool_fault ->> 'tool', tool_fault ->> 'kind') FROM said
    WHERE jsonb_typeof(tool_fault) = 'object'
    UNION ALL
    SELECT 'code', unnest(external_codes) FROM said
    UNION ALL
    SELECT 'root', root_cause_index::text FROM said WHERE root_cause_index IS NOT NULL
) found
GROUP BY what, name
ORDER BY what, n DESC, name
LIMIT 400;
