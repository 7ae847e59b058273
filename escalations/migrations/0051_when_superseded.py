from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Cases that were opened again are counted by when that happened."""

    atomic = False  # built beside the traffic, without a lock

    dependencies = [("escalations", "0050_when_erased")]

    operations = [
        AddIndexConcurrently(
            model_name="resolution",
            index=models.Index(
                condition=models.Q(("superseded_at__isnull", False)),
                fields=["superseded_at"],
                name="resolution_superseded",
            ),
        ),
    ]
