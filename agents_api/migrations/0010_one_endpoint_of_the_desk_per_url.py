from django.db import migrations, models


class Migration(migrations.Migration):
    """No endpoint is the desk's own before this, so there is nothing to be unique yet, and nobody waits."""

    atomic = False
    dependencies = [
        ("agents_api", "0009_endpoints_of_the_desk"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    model_name="webhookendpoint",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("agent", None)),
                        fields=("url",),
                        name="one_endpoint_of_the_desk_per_url",
                    ),
                )
            ],
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY one_endpoint_of_the_desk_per_url "
                    "ON agents_api_webhookendpoint (url) WHERE agent_id IS NULL",
                    "DROP INDEX one_endpoint_of_the_desk_per_url",
                )
            ],
        ),
    ]
