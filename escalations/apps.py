from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EscalationsConfig(AppConfig):
    name = "escalations"
    verbose_name = _("Escalations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("escalations.nudges")  # starts what a commit gave to do
        import_module("escalations.live.hints")  # connects the readers' hints to `signals.committed`
