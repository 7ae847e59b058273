"""Which clock of a case runs out next, and when it is at risk by that: kept by the database, whoever writes.

The clock of the pickup runs until the first claim of the cycle, that of the next answer while the user waits
for one, that of the resolution always. `picked_up_at` is `first_claimed_at` of the newest cycle.
"""

from django.db import migrations, models

# Four fifths of the business time of the clock are over then; pauses are no part of it.
AT_RISK = """
CREATE FUNCTION escalations_four_fifths(
    calendar bigint, started_at timestamptz, due_at timestamptz, waited double precision)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT business_deadline(
        calendar, started_at, waited + greatest(0, business_seconds(calendar, started_at, due_at) - waited) * 4 / 5)
$$;
"""

# A claim, or another state, leaves the clocks alone if the case was picked up before.
NEXT_DUE = """
CREATE FUNCTION escalations_set_next_due() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    calendar bigint;
BEGIN
    IF NEW.state = 'claimed' THEN
        NEW.picked_up_at := coalesce(NEW.picked_up_at, statement_timestamp());
    ELSIF TG_OP = 'UPDATE' AND NEW.cycle <> OLD.cycle THEN
        NEW.picked_up_at := NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.next_due_at IS NOT NULL
       AND (NEW.due_at, NEW.pickup_due_at, NEW.response_due_at, NEW.clock_started_at, NEW.waited_seconds,
            NEW.queue_id, NEW.picked_up_at IS NULL)
           IS NOT DISTINCT FROM
           (OLD.due_at, OLD.pickup_due_at, OLD.response_due_at, OLD.clock_started_at, OLD.waited_seconds,
            OLD.queue_id, OLD.picked_up_at IS NULL) THEN
        RETURN NEW;
    END IF;
    SELECT calendar_id INTO calendar FROM escalations_queue WHERE id = NEW.queue_id;
    NEW.next_due_at := least(NEW.due_at, NEW.response_due_at);
    NEW.at_risk_at := escalations_four_fifths(calendar, NEW.clock_started_at, NEW.due_at, NEW.waited_seconds);
    IF NEW.picked_up_at IS NULL THEN
        NEW.next_due_at := least(NEW.next_due_at, NEW.pickup_due_at);
        NEW.at_risk_at := least(
            NEW.at_risk_at, escalations_four_fifths(calendar, NEW.clock_started_at, NEW.pickup_due_at, 0));
    END IF;
    NEW.at_risk_at := least(NEW.at_risk_at, NEW.next_due_at);
    RETURN NEW;
END $$;
CREATE TRIGGER case_knows_when_it_is_next_due
BEFORE INSERT OR UPDATE OF
    state, cycle, picked_up_at, due_at, pickup_due_at, response_due_at, clock_started_at, waited_seconds, queue_id
ON escalations_escalation
FOR EACH ROW EXECUTE FUNCTION escalations_set_next_due();
DROP TRIGGER case_knows_when_it_is_at_risk ON escalations_escalation;
"""

FILL = """
UPDATE escalations_escalation escalation
SET picked_up_at = CASE cycle WHEN 1 THEN first_claimed_at ELSE (
        SELECT min(claim.started_at) FROM escalations_claim claim
        WHERE claim.case_id = escalation.id AND claim.started_at >= escalation.clock_started_at) END
WHERE state IN ('queued', 'claimed', 'waiting', 'snoozed');
"""

UNDO = """
DROP TRIGGER case_knows_when_it_is_next_due ON escalations_escalation;
DROP FUNCTION escalations_set_next_due, escalations_four_fifths;
CREATE TRIGGER case_knows_when_it_is_at_risk
BEFORE INSERT OR UPDATE OF due_at, clock_started_at, waited_seconds, queue_id ON escalations_escalation
FOR EACH ROW EXECUTE FUNCTION escalations_set_at_risk();
"""


class Migration(migrations.Migration):
    dependencies = [("escalations", "0016_search_by_time")]

    operations = [
        migrations.AddField(
            model_name="escalation",
            name="picked_up_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="escalation",
            name="next_due_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunSQL(AT_RISK + NEXT_DUE + FILL, UNDO),
    ]
