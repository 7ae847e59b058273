-- What is in place for a version against what goes wrong: checkpoints of its steps, outputs of tools that were checked,
-- audits of its runs. Of long tables only the last days, and of these the newest rows, are looked at.
SELECT
    (SELECT count(DISTINCT step) FROM escalations_checkpointschema WHERE agent_id = version.agent_id)::int AS schemas,
    (SELECT count(*) FROM (
        SELECT checked.agent_version_id, checked.tool FROM escalations_checkpoint checked
        WHERE checked.created_at >= %(since)s::timestamptz
        ORDER BY checked.created_at DESC LIMIT 10000
    ) newest WHERE newest.agent_version_id = version.id AND newest.tool <> '')::int AS tools_checked,
    (SELECT count(*) FROM (
        SELECT drawn FROM escalations_run run
        WHERE run.agent_version_id = version.id AND run.finished_at >= %(since)s::timestamptz
        ORDER BY run.finished_at DESC LIMIT 10000
    ) newest WHERE drawn)::int AS drawn,
    (SELECT count(*) FROM (
        SELECT case_id FROM escalations_run run
        WHERE run.agent_version_id = version.id AND run.finished_at >= %(since)s::timestamptz
        ORDER BY run.finished_at DESC LIMIT 10000
    ) newest WHERE case_id IS NOT NULL)::int AS audited
FROM escalations_agentversion version
WHERE version.id = %(version_id)s::bigint;
