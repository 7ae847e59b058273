from django.db import migrations, models


class Migration(migrations.Migration):
    """Operators may be marked as able to give second looks."""

    dependencies = [
        ("escalations", "0039_label_imports"),
    ]

    operations = [
        migrations.AddField(
            model_name="operator",
            name="can_review",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
