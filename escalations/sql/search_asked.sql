-- What is searched for: escalations/search.py says how the statements of a search are made of these parts.
WITH asked AS MATERIALIZED (
    SELECT websearch_to_tsquery('simple', %(whole)s::text)
           && (%(beginning)s::tsquery || to_tsquery('simple', %(beginning)s::text)) AS words
),
