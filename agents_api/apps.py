from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgentsApiConfig(AppConfig):
    name = "agents_api"
    verbose_name = _("Agents' API")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("agents_api.webhooks.receivers")  # connects the outbox to `signals.recorded`
        import_module("agents_api.webhooks.alerting")  # connects it to `signals.alerted`
        import_module("agents_api.figures").register_all()
        import_module("agents_api.retention")  # counts what it would forget for `keeping.would_go`
