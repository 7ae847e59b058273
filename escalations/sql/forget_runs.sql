-- Forget the next finished runs that came long ago, in the order of their ids, which are made of the time.
-- A run whose audit a person has stays. The bookmark stops before the first that is too young, so a host
-- whose clock is wrong makes rows late, and leaves none behind.
WITH reached AS (
    SELECT place::uuid AS id FROM escalations_bookmark WHERE name = %(bookmark)s::text
    -- Another worker that is at it goes on from there.
    FOR UPDATE SKIP LOCKED
),
batch AS MATERIALIZED (
    SELECT run.id, run.received_at < statement_timestamp() - %(kept)s::interval AS is_old
    FROM escalations_run run
    WHERE run.id > (SELECT id FROM reached)
    ORDER BY run.id
    LIMIT %(limit)s::int
),
old AS MATERIALIZED (
    SELECT id FROM batch
    WHERE id < coalesce((SELECT id FROM batch WHERE NOT is_old ORDER BY id LIMIT 1),
                        'ffffffff-ffff-ffff-ffff-ffffffffffff')
),
forgotten AS (
    -- By an array: of a join the planner knows no number of rows, and would read the whole table.
    DELETE FROM escalations_run run
    WHERE run.id = ANY (ARRAY(SELECT id FROM old)) AND run.case_id IS NULL
),
moved AS (
    UPDATE escalations_bookmark SET place = last.id
    FROM (SELECT id FROM old ORDER BY id DESC LIMIT 1) last
    WHERE name = %(bookmark)s::text
)
SELECT count(*) AS passed FROM old;
