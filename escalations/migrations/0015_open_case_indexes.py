from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_OPEN = models.Q(("state__in", ["queued", "claimed", "waiting", "snoozed"]))
_INDEXES = (
    models.Index(
        models.Func("due_at", "paused_at", function="case_late_from", output_field=models.DateTimeField()),
        condition=_OPEN,
        name="escalation_late",
    ),
    GistIndex(
        models.Func(
            "at_risk_at",
            "due_at",
            "paused_at",
            function="case_at_risk_during",
            output_field=DateTimeRangeField(),
        ),
        condition=_OPEN,
        name="escalation_at_risk",
    ),
    GinIndex(
        models.Func(
            "kind",
            "priority",
            "agent_id",
            "skills",
            function="case_facets",
            output_field=ArrayField(base_field=models.TextField()),
        ),
        condition=_OPEN,
        fastupdate=False,
        name="escalation_facets",
    ),
)


class Migration(migrations.Migration):
    """Lists of open cases are counted and read from an index, however rare what they are narrowed to."""

    atomic = False  # built beside the traffic, without a lock

    dependencies = [("escalations", "0014_at_risk")]

    operations = [AddIndexConcurrently(model_name="escalation", index=index) for index in _INDEXES]
