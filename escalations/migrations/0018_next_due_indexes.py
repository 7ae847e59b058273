from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

_OPEN = models.Q(("state__in", ["queued", "claimed", "waiting", "snoozed"]))

# In closed cases only the figures read it. A later cycle than the first says by its claims when it was picked up.
FILL = """
UPDATE escalations_escalation escalation
SET picked_up_at = CASE cycle WHEN 1 THEN first_claimed_at ELSE (
        SELECT min(claim.started_at) FROM escalations_claim claim
        WHERE claim.case_id = escalation.id AND claim.started_at >= escalation.clock_started_at) END
WHERE first_claimed_at IS NOT NULL AND picked_up_at IS NULL AND closed_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    """Lists of what is late or at risk follow the clock that runs out next, whichever it is."""

    atomic = False  # built beside the traffic, without a lock

    dependencies = [("escalations", "0017_next_due")]

    operations = [
        AddIndexConcurrently(
            model_name="escalation",
            index=models.Index(
                models.Func(
                    "next_due_at",
                    "paused_at",
                    function="case_late_from",
                    output_field=models.DateTimeField(),
                ),
                condition=_OPEN,
                name="escalation_next_late",
            ),
        ),
        AddIndexConcurrently(
            model_name="escalation",
            index=GistIndex(
                models.Func(
                    "at_risk_at",
                    "next_due_at",
                    "paused_at",
                    function="case_at_risk_during",
                    output_field=DateTimeRangeField(),
                ),
                condition=_OPEN,
                name="escalation_next_at_risk",
            ),
        ),
        RemoveIndexConcurrently(model_name="escalation", name="escalation_late"),
        RemoveIndexConcurrently(model_name="escalation", name="escalation_at_risk"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
