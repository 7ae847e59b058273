from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Times to pickup are counted when the case was first claimed."""

    atomic = False  # built beside the traffic, without a lock

    dependencies = [("escalations", "0002_append_only_audit")]

    operations = [
        AddIndexConcurrently(
            model_name="escalation",
            index=models.Index(
                condition=models.Q(("first_claimed_at__isnull", False)),
                fields=["first_claimed_at"],
                name="escalation_picked_up",
            ),
        ),
    ]
