from django.apps import AppConfig


class AgentsApiConfig(AppConfig):
    name = "agents_api"
    verbose_name = "Agents' API"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agents_api.webhooks import receivers  # noqa: F401  connects the outbox to the domain's signal
