-- All clocks of one case.
WITH ringing AS (
    SELECT %(case_id)s::uuid AS case_id, kind FROM unnest(ARRAY['pickup', 'resolution', 'response']) kind
)
