"""`manage.py import_labels PATH --as USERNAME`: labels that were made elsewhere, from JSON Lines."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from escalations.labels import label_import
from escalations.labels.label_import.refusals import listed
from escalations.models import ImportState, LabelImport, Operator, Role


class Command(BaseCommand):
    help = (
        "Puts labels in force that were made elsewhere. What is refused goes to stderr, line by line; "
        "then it ends with status 1, though the other lines count."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="?", help="a file of JSON Lines, or - for what comes in")
        parser.add_argument("--as", dest="username", default="", help="the admin who stands for the labels")
        parser.add_argument("--source", default="", help="where they come from")
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="write nothing if a line is refused"
        )
        parser.add_argument(
            "--over-settled", action="store_true", help="replace adjudicated and gold labels, too"
        )
        parser.add_argument("--schema", action="store_true", help="print the JSON Schema of a line, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(label_import.SCHEMA, indent=2, ensure_ascii=False))
            return
        if not options["path"]:
            raise CommandError("Name a file, or - for what comes in.")
        try:
            begun = label_import.start(
                _body(options["path"]),
                operator=_admin(options["username"]),
                actor="command",
                source=options["source"],
                all_or_nothing=options["all_or_nothing"],
                over_settled=options["over_settled"],
            )
        except label_import.UnusableFile as error:
            raise CommandError(str(error)) from None
        label_import.read_waiting()
        self._report(LabelImport.objects.get(pk=begun.pk))

    def _report(self, done: LabelImport) -> None:
        for refusal in listed(done):
            where = f" {refusal.pointer}" if refusal.pointer else ""
            self.stderr.write(f"line {refusal.line}{where}: {label_import.told(refusal)}")
        self.stdout.write(
            f"{done.imported} imported, {done.unchanged} as they were, {done.refused} refused of {done.lines}"
        )
        if done.state == ImportState.REFUSED:
            raise CommandError("Nothing was written.")
        if done.is_unread:
            raise CommandError("A worker reads the file. Look at it in the browser.")
        if done.refused:
            raise CommandError("Some lines were refused. The other lines count.")


def _body(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror}") from None


def _admin(username: str) -> Operator:
    found = Operator.objects.filter(username=username, role=Role.ADMIN, is_active=True).first()
    if found is None:
        raise CommandError(f"There is no admin named {username}. Say who stands for the labels with --as.")
    return found
