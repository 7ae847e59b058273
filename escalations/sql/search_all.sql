-- The newest that were found.
             OFFSET 0
         ) fits
    LIMIT %(most)s::int
)
SELECT id FROM (
    SELECT id FROM near WHERE (SELECT is_so FROM done)
    UNION ALL
    SELECT id FROM far
) found
ORDER BY id DESC LIMIT %(most)s::int;
