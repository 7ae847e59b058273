-- What is searched for: escalations/search/queries.py says how the statements of a search are made of these parts.
-- Each beginning reads the index once more, so it is named twice only where the parser makes other words of it.
WITH RECURSIVE asked AS MATERIALIZED (
    SELECT websearch_to_tsquery('simple', %(whole)s::text)
           && CASE WHEN %(beginning)s::tsquery = to_tsquery('simple', %(beginning)s::text) THEN %(beginning)s::tsquery
                   ELSE %(beginning)s::tsquery || to_tsquery('simple', %(beginning)s::text) END AS words
),
