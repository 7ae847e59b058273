from django.db import migrations, models


class Migration(migrations.Migration):
    """What a person sends again after a lost answer is found by its key; notices of two more kinds."""

    dependencies = [
        ("escalations", "0012_language"),
    ]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="sent_as",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("mention", "Somebody mentioned you"),
                    ("breached", "A case is past due"),
                    ("unroutable", "Nobody can take a case"),
                    ("infeasible", "A case cannot be saved before it expires"),
                    ("assigned", "You were given a case"),
                    ("taken", "Your case was taken over"),
                    ("set_away", "You were set away"),
                    ("user_wrote", "The user wrote to you"),
                    ("woken", "A case that you snoozed is back"),
                    ("reply", "A reply that you waited for came"),
                ],
                max_length=12,
            ),
        ),
    ]
