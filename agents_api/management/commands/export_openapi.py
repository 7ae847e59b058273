"""Writes the OpenAPI document that the API serves to `docs/openapi.json`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from agents_api.api import api


def document() -> str:
    """The OpenAPI document as text, keys in a stable order."""
    return json.dumps(api.get_openapi_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="?", type=Path, default=settings.BASE_DIR / "docs" / "openapi.json")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        path.write_text(document())
        self.stdout.write(f"Wrote {path}")
