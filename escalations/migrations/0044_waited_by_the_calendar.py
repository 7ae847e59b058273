from django.db import migrations, models


class Migration(migrations.Migration):
    """How long cases waited for replies by the calendar, beside the business time that clocks go by."""

    dependencies = [
        ("escalations", "0043_leases_of_replays"),
    ]

    operations = [
        migrations.AddField(
            model_name="escalation",
            name="waited_calendar_seconds",
            field=models.FloatField(db_default=0, default=0, editable=False),
        ),
    ]
