import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What people change of labels that stand, and have not put in force."""

    dependencies = [
        ("escalations", "0043_leases_of_replays"),
        ("operators", "0006_review_drafts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LabelsDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first", "Decided with"),
                            ("blind", "Blind review"),
                            ("correction", "Correction"),
                            ("adjudicated", "Adjudicated"),
                            ("imported", "Imported"),
                        ],
                        max_length=12,
                    ),
                ),
                ("fields", models.JSONField(default=dict)),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "resolution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="escalations.resolution",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("resolution", "operator", "kind"),
                        name="one_labels_draft_per_decision_operator_and_kind",
                    )
                ],
            },
        ),
    ]
