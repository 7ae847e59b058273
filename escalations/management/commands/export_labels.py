"""`manage.py export_labels --format NAME --out PATH`: decisions as training data."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from escalations import datasets
from escalations.auditing import audit
from escalations.models import Agent, AgentVersion


class Command(BaseCommand):
    help = "Writes the decisions that may train a model to a file. Progress goes to stderr."
    # The checks would load every page, which takes more memory than the rows.
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's own `--version` gives way to the agent's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", required=True, choices=sorted(datasets.FORMATS))
        parser.add_argument("--out", required=True, type=Path, help="the file to write")
        parser.add_argument("--agent", default="", help="only this agent, by name")
        parser.add_argument("--version", default="", dest="agent_version", help="only this agent version")
        parser.add_argument("--since", type=_moment, help="decided at or after this date or time, UTC")
        parser.add_argument("--until", type=_moment, help="decided before this date or time, UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        _check_names(options["agent"], options["agent_version"])
        selection = datasets.Selection(
            datasets.FORMATS[options["format"]],
            agent=options["agent"],
            version=options["agent_version"],
            since=options["since"],
            until=options["until"],
        )
        audit.write(actor="command", action="export", target=f"export:{selection.format.name}")
        count = _write(selection, options["out"])
        self.stderr.write(f"{count} rows in {options['out']}")


def _check_names(agent: str, version: str) -> None:
    """A mistyped name would look like an agent without decisions."""
    if agent and not Agent.objects.filter(name=agent).exists():
        raise CommandError(f"There is no agent named {agent}.")
    versions = AgentVersion.objects.filter(name=version)
    if version and not (versions.filter(agent__name=agent) if agent else versions).exists():
        raise CommandError(f"There is no version {version}{f' of {agent}' if agent else ''}.")


def _write(selection: datasets.Selection, out: Path) -> int:
    """Write beside `out` and move it there at the end: a half-written export never looks like a whole one."""
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as file, tqdm(total=selection.resolutions().count(), unit=" rows") as bar:
            count = _Counted(selection, bar)
            file.writelines(selection.format.chunks(count.rows))
        part.replace(out)
    except OSError as error:
        raise CommandError(f"Cannot write {out}: {error.strerror}") from error
    return count.found


class _Counted:
    """The rows of a selection, told to a bar; a format may look through some of them first."""

    def __init__(self, selection: datasets.Selection, bar: "tqdm[NoReturn]") -> None:
        self._selection = selection
        self._bar = bar
        self.found = 0

    def rows(self) -> Iterator[tuple[UUID, dict[str, Any]]]:
        self._bar.reset()
        self.found = 0
        for number, row in self._selection.rows():
            self.found += 1
            self._bar.update()
            yield number, row


def _moment(text: str) -> datetime:
    """A date (its first moment) or a time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no date or time like 2025-11-22 or 2025-11-22T10:30.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
