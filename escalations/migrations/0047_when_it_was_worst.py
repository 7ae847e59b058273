from django.db import migrations, models


class Migration(migrations.Migration):
    """Alerts note when they were worst; of those before nobody knows."""

    dependencies = [("escalations", "0046_when_passed_on")]

    operations = [
        migrations.AddField(model_name="alert", name="worst_at", field=models.DateTimeField(null=True)),
    ]
