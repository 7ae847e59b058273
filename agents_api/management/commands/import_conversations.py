"""`manage.py import_conversations PATH --url --key`: hand recorded conversations off through the REST API."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from agents_api import importing
from agents_api.importing import Conversation, Sender, Unreadable
from agents_api.posting import Outcome, Poster, Verdict

_AT_ONCE = 4
# So many are read ahead and no more: memory stays flat however long the file is.
_BATCH = 32
_TIMEOUT_SECONDS = 30.0
_Found = Conversation | Unreadable


class Command(BaseCommand):
    help = (
        "Hand recorded conversations off: OpenAI chat as JSON Lines, or a τ-bench file, plain or gzipped. "
        "Importing a file again makes no second case. Exits with 1 if any was refused."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let `--version` mean the agent's, not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--url", required=True, help="address of the desk, such as http://127.0.0.1:8000")
        parser.add_argument("--key", required=True, help="API key of the agent")
        parser.add_argument("--agent", default="support", help="the agent that the key belongs to")
        parser.add_argument("--version", default="imported", help="the agent's version")
        parser.add_argument("--queue", default="", help="queue to hand off to (default: the agent's own)")
        only = f"leave out conversations that do not call {importing.TRANSFER_TOOL}"
        parser.add_argument("--only-transfers", action="store_true", help=only)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        sender = Sender(options["agent"], options["version"], options["queue"])
        tally = _Tally()
        try:
            found = _wanted(path, only_transfers=options["only_transfers"])
            with httpx.Client(base_url=options["url"], timeout=_TIMEOUT_SECONDS) as client:
                poster = Poster(client, options["key"])
                # Shown on terminals only.
                for place, outcome in tqdm(
                    _post_all(found, poster, sender), unit=" conversations", disable=None
                ):
                    tally.add(place, outcome)
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from None
        self.stdout.write(tally.summary())
        if tally.counts[Verdict.REFUSED]:
            raise CommandError("Some conversations were refused; the reasons stand above.")


class _Tally:
    """What became of how many, and of the refused ones why and where first."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Verdict, 0)
        self._refused: dict[str, list[str]] = {}
        self._first: dict[str, str] = {}

    def add(self, place: str, outcome: Outcome) -> None:
        self.counts[outcome.verdict] += 1
        if outcome.verdict == Verdict.REFUSED:
            self._refused.setdefault(outcome.why, []).append(place)
            self._first.setdefault(outcome.why, outcome.detail)

    def summary(self) -> str:
        accepted, known, refused = (self.counts[verdict] for verdict in Verdict)
        lines = [f"{accepted} accepted, {known} known before, {refused} refused"]
        for why, places in sorted(self._refused.items(), key=lambda item: -len(item[1])):
            lines.append(f"  {len(places)} × {why} (first: {places[0]}: {self._first[why]})")
        return "\n".join(lines)


def _wanted(path: Path, *, only_transfers: bool) -> Iterator[_Found]:
    for found in importing.read(path):
        if isinstance(found, Unreadable) or not only_transfers or found.transfer is not None:
            yield found


def _post_all(found: Iterator[_Found], poster: Poster, sender: Sender) -> Iterator[tuple[str, Outcome]]:
    """Post with some concurrency; the place of each in the file, and what became of it, in order."""

    def post(item: _Found) -> tuple[str, Outcome]:
        if isinstance(item, Unreadable):
            return item.place, Outcome(Verdict.REFUSED, "Unreadable", item.reason)
        return item.place, poster.post(importing.handoff(item, sender))

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        while batch := list(islice(found, _BATCH)):
            yield from threads.map(post, batch)
