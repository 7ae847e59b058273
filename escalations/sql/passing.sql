-- How many outputs of each step passed, of the newest checkpoints of a period: as many rows are read for a year as
-- for a day.
SELECT agent.name AS agent, newest.step, count(*) AS n, count(*) FILTER (WHERE newest.passed) AS passed
FROM (
    SELECT checkpoint.agent_version_id, checkpoint.step, checkpoint.passed
    FROM escalations_checkpoint checkpoint
    WHERE checkpoint.created_at >= %(since)s::timestamptz AND checkpoint.created_at < %(until)s::timestamptz
    ORDER BY checkpoint.created_at DESC
    LIMIT %(newest)s::int
) newest
JOIN escalations_agentversion version ON version.id = newest.agent_version_id
JOIN escalations_agent agent ON agent.id = version.agent_id
WHERE %(agent)s::text IN ('', agent.name) AND %(version)s::text IN ('', version.name)
GROUP BY agent.name, newest.step
ORDER BY agent.name, newest.step
LIMIT %(most)s::int;
