-- The case that is opened is the audit of a finished run, if that was drawn and has none yet. After open.sql;
-- a part of its own, so that all other cases are opened without it.
, examined AS (
    UPDATE escalations_run run
    SET case_id = opened.id
    FROM opened, caller
    WHERE run.agent_id = caller.agent_id AND run.run_id = %(run_id)s AND run.drawn AND run.case_id IS NULL
)
