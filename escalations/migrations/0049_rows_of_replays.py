from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def _kept(replay: str) -> "models.OneToOneField[Any, Any]":
    return models.OneToOneField(
        on_delete=django.db.models.deletion.CASCADE,
        primary_key=True,
        related_name="kept",
        serialize=False,
        to=f"escalations.{replay}",
    )


class Migration(migrations.Migration):
    """Replays keep which cases and runs their figures count; those before only the figures."""

    dependencies = [("escalations", "0048_left_out_of_datasets")]

    operations = [
        migrations.CreateModel(
            name="ReplayRows", fields=[("replay", _kept("replay")), ("rows", models.JSONField())]
        ),
        migrations.CreateModel(
            name="PolicyReplayRows", fields=[("replay", _kept("policyreplay")), ("rows", models.JSONField())]
        ),
    ]
