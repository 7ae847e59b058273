from django.db import migrations, models


class Migration(migrations.Migration):
    """A note that is sent again after a lost answer is found by its key."""

    dependencies = [
        ("escalations", "0020_stays"),
    ]

    operations = [
        migrations.AddField(
            model_name="note",
            name="sent_as",
            field=models.UUIDField(null=True),
        ),
    ]
