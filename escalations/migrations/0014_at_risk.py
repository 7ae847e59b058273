"""When a case is at risk in business time, kept by the database, and what lists find open cases by.

`at_risk_at` depends on the clock and the calendar of the case alone, so a trigger keeps it wherever these are
written. The functions are what the indexes of the next migration are made of.
"""

from django.db import migrations, models

# Four fifths of the business time of the clock are over then; pauses are no part of it.
AT_RISK = """
CREATE FUNCTION escalations_set_at_risk() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    calendar bigint := (SELECT calendar_id FROM escalations_queue WHERE id = NEW.queue_id);
    whole double precision :=
        greatest(0, business_seconds(calendar, NEW.clock_started_at, NEW.due_at) - NEW.waited_seconds);
BEGIN
    NEW.at_risk_at := least(
        NEW.due_at, business_deadline(calendar, NEW.clock_started_at, NEW.waited_seconds + whole * 4 / 5));
    RETURN NEW;
END $$;
CREATE TRIGGER case_knows_when_it_is_at_risk
BEFORE INSERT OR UPDATE OF due_at, clock_started_at, waited_seconds, queue_id ON escalations_escalation
FOR EACH ROW EXECUTE FUNCTION escalations_set_at_risk();
"""

# For a case that waits time stands still: it is late, or at risk, if it was when the pause began.
DUE = """
CREATE FUNCTION case_late_from(due_at timestamptz, paused_at timestamptz)
RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN paused_at IS NULL OR due_at <= paused_at THEN due_at END
$$;
CREATE FUNCTION case_at_risk_during(at_risk_at timestamptz, due_at timestamptz, paused_at timestamptz)
RETURNS tstzrange LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN paused_at IS NULL THEN tstzrange(at_risk_at, due_at)
                WHEN at_risk_at <= paused_at AND paused_at < due_at THEN tstzrange(at_risk_at, NULL)
           END
$$;
"""

# The values that a list of open cases can be narrowed to, as words.
FACETS = """
CREATE FUNCTION case_facets(kind text, priority int, agent_id bigint, skills text[])
RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY['kind:' || kind, 'priority:' || priority::text, 'agent:' || agent_id::text] || skills
$$;
"""

FILL = """
UPDATE escalations_escalation SET due_at = due_at WHERE state IN ('queued', 'claimed', 'waiting', 'snoozed');
"""

UNDO = """
DROP TRIGGER case_knows_when_it_is_at_risk ON escalations_escalation;
DROP FUNCTION escalations_set_at_risk, case_late_from, case_at_risk_during, case_facets;
"""


class Migration(migrations.Migration):
    dependencies = [("escalations", "0013_turns_are_sent_once")]

    operations = [
        migrations.AddField(
            model_name="escalation",
            name="at_risk_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunSQL(AT_RISK + DUE + FACETS + FILL, UNDO),
    ]
