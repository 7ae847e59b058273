-- The newest cases of all, and those of them with these words; what fits follows.
newest AS MATERIALIZED (
    SELECT case_id AS id, words FROM escalations_casetext ORDER BY case_id DESC LIMIT %(looked_at)s::int
),
near AS MATERIALIZED (
    SELECT newest.id
    FROM newest JOIN escalations_escalation escalation ON escalation.id = newest.id
    WHERE newest.words @@ (SELECT words FROM asked)
      AND
