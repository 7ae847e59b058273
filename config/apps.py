"""Handrail as a whole, as Django sees it."""

from importlib import import_module

from django.apps import AppConfig


class HandrailConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        import_module("config.celery")  # so that every process that publishes a task knows the broker
