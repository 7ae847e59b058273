from django.db import migrations, models


class Migration(migrations.Migration):
    """What live processes measure of themselves, and how much an edit changed of a proposal."""

    dependencies = [
        ("escalations", "0041_policy_replays"),
    ]

    operations = [
        migrations.AddField(
            model_name="resolution",
            name="edit_distance",
            field=models.FloatField(null=True),
        ),
        migrations.CreateModel(
            name="LiveMinute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("process", models.UUIDField()),
                ("minute", models.DateTimeField()),
                ("events", models.PositiveIntegerField()),
                ("lag_p95", models.FloatField(null=True)),
                ("resyncs", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("minute", "process"), name="one_live_minute_per_process")
                ],
            },
        ),
    ]
