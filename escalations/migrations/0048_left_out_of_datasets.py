import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Versions of datasets keep which decisions they left out; those before only how many."""

    dependencies = [("escalations", "0047_when_it_was_worst")]

    operations = [
        migrations.CreateModel(
            name="DatasetLeftOut",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("why", models.CharField(max_length=12)),
                ("resolution", models.UUIDField()),
                ("case", models.UUIDField()),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="left_out",
                        to="escalations.datasetversion",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["version", "why", "id"], name="left_out_of_a_version")]
            },
        ),
    ]
