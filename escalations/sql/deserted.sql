-- Those of the subjects that nobody who is ready could take, however empty their desk.
SELECT subject.id FROM subject
WHERE NOT EXISTS (SELECT FROM able WHERE able.case_id = subject.id AND able.is_ready);
