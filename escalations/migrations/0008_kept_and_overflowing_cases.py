from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Claims and queue pages look for the few cases that are kept for a person or overflow into a queue."""

    atomic = False  # built beside the traffic, without a lock

    dependencies = [("escalations", "0007_put_aside")]

    operations = [
        AddIndexConcurrently(
            model_name="escalation",
            index=models.Index(
                condition=models.Q(("affinity__isnull", False), ("state", "queued")),
                fields=["affinity"],
                name="escalation_kept",
            ),
        ),
        AddIndexConcurrently(
            model_name="escalation",
            index=models.Index(
                condition=models.Q(
                    ("overflow_queue__isnull", False),
                    ("state__in", ["queued", "claimed", "waiting", "snoozed"]),
                ),
                fields=["overflow_queue"],
                name="escalation_overflowing",
            ),
        ),
    ]
