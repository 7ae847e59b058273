from django.db import migrations, models


class Migration(migrations.Migration):
    """A sweep that is asked for while it runs runs again: who asks leaves a word."""

    dependencies = [("escalations", "0051_when_superseded")]

    operations = [
        migrations.AddField(
            model_name="sweeprun",
            name="is_wanted",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="sweeprun", name="finished_at", field=models.DateTimeField(null=True)
        ),
        migrations.AlterField(
            model_name="sweeprun", name="handled", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AlterField(model_name="sweeprun", name="took_seconds", field=models.FloatField(default=0)),
    ]
