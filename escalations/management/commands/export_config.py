"""`manage.py export_config [--out desk.yaml]`: the settings as a file that `apply_config` takes."""

import json
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from escalations.configuring import applying
from escalations.configuring.schema import SCHEMA

_HEAD = (
    "# The settings of the desk, for manage.py apply_config. Passwords, keys and secrets are in no file.\n"
)


class Command(BaseCommand):
    help = "Writes the settings, or with --schema what a file of settings may hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, help="the file to write; without one to the terminal")
        parser.add_argument("--schema", action="store_true", help="the JSON Schema instead")

    def handle(self, *args: Any, **options: Any) -> None:
        text = schema_text() if options["schema"] else _HEAD + as_yaml(applying.present())
        if options["out"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            options["out"].write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"Cannot write {options['out']}: {error.strerror}") from None


def schema_text() -> str:
    """What docs/desk.schema.json holds."""
    return json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"


def as_yaml(settings: dict[str, Any]) -> str:
    """The settings as people write them, texts of several lines as such."""
    text: str = yaml.dump(settings, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


class _Dumper(yaml.SafeDumper):
    """Quotes what any reader of YAML would take for something else than a text."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
_Dumper.ignore_aliases = lambda self, data: True  # type: ignore[method-assign]  # each value stands for itself
