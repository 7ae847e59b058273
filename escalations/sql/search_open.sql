-- The newest of the pool with these words.
),
newest AS MATERIALIZED (
    SELECT id FROM pool ORDER BY id DESC LIMIT %(looked_at)s::int
),
near AS MATERIALIZED (
    SELECT text.case_id AS id
    FROM newest JOIN escalations_casetext text ON text.case_id = newest.id
    WHERE text.words @@ (SELECT words FROM asked)
    ORDER BY text.case_id DESC LIMIT %(most)s::int
),
-- Whether the newest were enough: as many as wanted, or all there are. What only leaves words out, the
-- index cannot answer without being read in full, so that is looked for among the newest alone.
done AS MATERIALIZED (
    SELECT (SELECT count(*) FROM near) >= %(most)s::int
           OR (SELECT count(*) FROM pool) <= %(looked_at)s::int
           OR (SELECT querytree(words) IN ('', 'T') FROM asked) AS is_so
),
matched AS MATERIALIZED (
    SELECT text.case_id AS id
    FROM escalations_casetext text
    WHERE NOT (SELECT is_so FROM done)
      AND text.words @@ (SELECT words && %(marks)s::tsquery FROM asked)
)
SELECT id FROM (
    SELECT id FROM near WHERE (SELECT is_so FROM done)
    UNION ALL
    SELECT pool.id FROM pool JOIN matched USING (id)
) found
ORDER BY id DESC LIMIT %(most)s::int;
