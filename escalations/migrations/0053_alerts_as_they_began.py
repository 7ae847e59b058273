import django.db.models.deletion
from django.db import migrations, models

_CASCADE = django.db.models.deletion.CASCADE


class Migration(migrations.Migration):
    """Alerts keep what their rule looked at as they began: it may look at something else by now."""

    dependencies = [("escalations", "0052_wanted_sweeps")]

    operations = [
        migrations.AddField(
            model_name="alert",
            name="agent",
            field=models.ForeignKey(
                null=True, db_index=False, on_delete=_CASCADE, related_name="+", to="escalations.agent"
            ),
        ),
        migrations.AddField(
            model_name="alert", name="hours", field=models.PositiveSmallIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="alert",
            name="queue",
            field=models.ForeignKey(
                null=True, db_index=False, on_delete=_CASCADE, related_name="+", to="escalations.queue"
            ),
        ),
    ]
