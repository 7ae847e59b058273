import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Files of labels that were made elsewhere, what they wrote and what was refused."""

    dependencies = [
        ("escalations", "0038_replays"),
    ]

    operations = [
        migrations.CreateModel(
            name="LabelImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=200)),
                ("all_or_nothing", models.BooleanField(default=False)),
                ("over_settled", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits to be read"),
                            ("running", "Being read"),
                            ("done", "Done"),
                            ("refused", "Refused: nothing was written"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("lines", models.PositiveIntegerField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("imported", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("lease_token", models.PositiveIntegerField(default=0)),
                ("lease_expires_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
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
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ImportedFile",
            fields=[
                (
                    "label_import",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="file",
                        serialize=False,
                        to="escalations.labelimport",
                    ),
                ),
                ("body", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="ImportedLabels",
            fields=[
                (
                    "revision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="imported",
                        serialize=False,
                        to="escalations.labelrevision",
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                (
                    "label_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="written",
                        to="escalations.labelimport",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportRefusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                ("code", models.CharField(max_length=12)),
                ("pointer", models.CharField(blank=True, max_length=300)),
                ("detail", models.CharField(blank=True, max_length=300)),
                (
                    "label_import",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusals",
                        to="escalations.labelimport",
                    ),
                ),
            ],
            options={
                "ordering": ["line", "id"],
            },
        ),
        migrations.AddIndex(
            model_name="labelimport",
            index=models.Index(
                condition=models.Q(("state__in", ("waiting", "running"))),
                fields=["id"],
                name="imports_to_read",
            ),
        ),
        migrations.AddConstraint(
            model_name="labelimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at", None), ("state__in", ("waiting", "running"))),
                    models.Q(
                        models.Q(("state__in", ("waiting", "running")), _negated=True),
                        ("finished_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="an_import_ends_when_it_is_read",
            ),
        ),
        migrations.AddConstraint(
            model_name="labelimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "lines__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("imported"), "+", models.F("unchanged")
                            ),
                            "+",
                            models.F("refused"),
                        ),
                    )
                ),
                name="an_import_counts_each_line_once",
            ),
        ),
        migrations.AddIndex(
            model_name="importrefusal",
            index=models.Index(fields=["label_import", "line", "id"], name="refusals_by_line"),
        ),
    ]
