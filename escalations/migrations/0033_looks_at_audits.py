from decimal import Decimal

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What is promised of errors, the looks at what audits found, and a way to the runs that were drawn."""

    atomic = False  # the index is built beside the traffic, without a lock

    dependencies = [
        ("escalations", "0032_reviews"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="run",
            index=models.Index(
                condition=models.Q(("drawn", True)),
                fields=["agent_version", "confidence_source", "finished_at"],
                name="run_drawn_by_version",
            ),
        ),
        migrations.CreateModel(
            name="CalibrationGoal",
            fields=[
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="goal",
                        serialize=False,
                        to="escalations.agent",
                    ),
                ),
                ("alpha", models.FloatField(default=0.02)),
                ("delta", models.FloatField(default=0.05)),
                ("error_cost_usd", models.DecimalField(decimal_places=2, default=Decimal(0), max_digits=12)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("alpha__gt", 0), ("alpha__lt", 1), ("delta__gt", 0), ("delta__lt", 1)
                        ),
                        name="goal_promises_shares",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalibrationLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("self_report", "Said by the agent itself"),
                            ("logprob", "Probabilities of its tokens"),
                            ("judge", "Judged by another model"),
                            ("vote", "Vote of several attempts"),
                            ("heuristic", "Rule of thumb"),
                            ("", "Source not named"),
                        ],
                        max_length=12,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("alpha", models.FloatField()),
                ("delta", models.FloatField()),
                ("spent", models.FloatField()),
                ("digest", models.CharField(max_length=64)),
                ("audits_since", models.DateTimeField(null=True)),
                ("audits_until", models.DateTimeField(null=True)),
                ("findings", models.JSONField()),
                (
                    "agent_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="looks",
                        to="escalations.agentversion",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agent_version", "source", "number"),
                        name="looks_are_numbered_per_version_and_source",
                    ),
                ],
            },
        ),
    ]
