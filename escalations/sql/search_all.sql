-- The newest that were found.
            OFFSET 0
        ) fits
        ORDER BY sorted.id DESC LIMIT look.most
    )
    FROM far, LATERAL (
        SELECT far.step = 1 AND cardinality(far.ids) < %(sampled)s::int OR far.step = 2 AS is_all,
               CASE far.step WHEN 0 THEN %(sampled)s::int ELSE %(most)s::int END AS most,
               CASE WHEN far.step = 0 THEN ARRAY[-1]
                    WHEN far.step = 1 AND cardinality(far.ids) >= %(sampled)s::int
                    THEN case_stretches(far.ids[%(sampled)s::int], (SELECT id FROM newest ORDER BY id DESC LIMIT 1))
                    ELSE ARRAY[-1, -2] END AS marks
    ) look
    WHERE far.step < 2 OR far.step = 2 AND NOT far.is_all AND cardinality(far.ids) < %(most)s::int
)
SELECT id FROM (
    SELECT id FROM near WHERE (SELECT is_so FROM done)
    UNION ALL
    SELECT unnest(ids) FROM (SELECT ids FROM far WHERE step > 1 ORDER BY step DESC LIMIT 1) last
) found
ORDER BY id DESC LIMIT %(most)s::int;
