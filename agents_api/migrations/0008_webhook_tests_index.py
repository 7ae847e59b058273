from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The newest tests of an endpoint, for its page."""

    atomic = False  # built beside the traffic, without a lock

    dependencies = [("agents_api", "0007_tests_and_callbacks")]

    operations = [
        AddIndexConcurrently(
            model_name="webhookdelivery",
            index=models.Index(
                fields=["endpoint", "-created_at"],
                name="webhook_delivery_tests",
                condition=models.Q(event_type="endpoint.test"),
            ),
        ),
    ]
