from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Cases that were passed on are counted by when that happened."""

    atomic = False  # built beside the traffic, without a lock

    dependencies = [("escalations", "0045_names_of_tool_faults")]

    operations = [
        AddIndexConcurrently(
            model_name="claim",
            index=models.Index(
                fields=["ended_at"], name="claim_passed_on", condition=models.Q(("outcome", "passed"))
            ),
        ),
    ]
