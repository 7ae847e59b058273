"""`manage.py apply_config desk.yaml [--dry-run]`: bring the settings to what a file says."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from escalations.configuring import applying, document
from escalations.configuring.document import Faulty

_NOTE_MAX = 200


class Command(BaseCommand):
    help = "Changes the settings to what a file says, all or nothing, and tells what that changes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="YAML, as docs/desk.schema.json has it")
        parser.add_argument("--dry-run", action="store_true", help="try it and change nothing")
        parser.add_argument("--note", default="", help="why it changes, for the history of policies")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Cannot read {path}: {error}") from None
        note = (options["note"] or f"Applied from {path.name}")[:_NOTE_MAX]
        try:
            changed = applying.apply(document.read(text), note=note, dry_run=options["dry_run"])
        except Faulty as error:
            raise CommandError(
                "\n".join([f"Nothing was changed. {path}:", *map(str, error.faults)])
            ) from None
        for difference in changed:
            self.stdout.write(str(difference))
        self.stderr.write(_summary(len(changed), dry_run=options["dry_run"]))


def _summary(count: int, *, dry_run: bool) -> str:
    if not count:
        return "Nothing differs from the file."
    values = "1 value" if count == 1 else f"{count} values"
    return f"{values} would be changed; nothing was." if dry_run else f"{values} changed."
