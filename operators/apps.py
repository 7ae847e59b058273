from importlib import import_module

from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    name = "operators"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("operators.live.user_turns")  # hears of what users write
        import_module("operators.case.leftovers")  # hears of what is erased
