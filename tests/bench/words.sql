-- The words of all cases, as intake and the sweep leave them: some in every case, some in few, some in one.
INSERT INTO escalations_casetext (case_id, words)
SELECT id,
       to_tsvector('simple', concat_ws(' ',
           'where is my parcel please help', headline,
           CASE WHEN number %% 2 = 0 THEN 'refund' END,
           CASE WHEN number %% 100 = 0 THEN 'kayak' END,
           CASE WHEN number > %(count)s * 9 / 10 THEN 'pigeon' END,
           (SELECT string_agg('t' || (number * 7919 + place * 104729) %% 40000, ' ')
            FROM generate_series(1, 120) place)))
       || array_to_tsvector(ARRAY['#' || queue_id])
FROM (SELECT id, headline, queue_id, row_number() OVER (ORDER BY id DESC) AS number
      FROM escalations_escalation) numbered;
