-- Forget the next checkpoints of long ago. One that opened a case stays with it. As forget_runs.sql.
WITH reached AS (
    SELECT place::bigint AS id FROM escalations_bookmark WHERE name = %(bookmark)s::text
    FOR UPDATE SKIP LOCKED
),
batch AS MATERIALIZED (
    SELECT checkpoint.id, checkpoint.created_at < statement_timestamp() - %(kept)s::interval AS is_old
    FROM escalations_checkpoint checkpoint
    WHERE checkpoint.id > (SELECT id FROM reached)
    ORDER BY checkpoint.id
    LIMIT %(limit)s::int
),
old AS MATERIALIZED (
    SELECT id FROM batch
    WHERE id < coalesce((SELECT id FROM batch WHERE NOT is_old ORDER BY id LIMIT 1), 9223372036854775807)
),
forgotten AS (
    -- By an array: of a join the planner knows no number of rows, and would read the whole table.
    DELETE FROM escalations_checkpoint checkpoint
    WHERE checkpoint.id = ANY (ARRAY(SELECT id FROM old)) AND checkpoint.case_id IS NULL
),
moved AS (
    UPDATE escalations_bookmark SET place = last.id::text
    FROM (SELECT id FROM old ORDER BY id DESC LIMIT 1) last
    WHERE name = %(bookmark)s::text
)
SELECT count(*) AS passed FROM old;
