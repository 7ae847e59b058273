"""Writes the definitions of all metrics to `docs/metrics.md`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from escalations.metrics import document


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="?", type=Path, default=settings.BASE_DIR / "docs" / "metrics.md")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        path.write_text(document.text())
        self.stdout.write(f"Wrote {path}")
