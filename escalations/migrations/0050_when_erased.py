from django.db import migrations, models

WHEN = """
    UPDATE escalations_escalation SET erased_at = (
        SELECT min(created_at) FROM escalations_event event
        WHERE event.case_id = escalations_escalation.id AND event.kind = 'erased')
    WHERE headline = '[erased]';
"""


class Migration(migrations.Migration):
    """Erased cases are told by when that was: a question of the same words as their headline erases nothing."""

    dependencies = [("escalations", "0049_rows_of_replays")]

    operations = [
        migrations.AddField(
            model_name="escalation",
            name="erased_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunSQL(WHEN, migrations.RunSQL.noop),
    ]
