"""`manage.py load_demo`: fill an empty desk with demo data, and keep the way in written down."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from demo import credentials, datasets, desk, finished, history, macros, playing, reviewed, rounds
from demo.scenarios import SCENARIOS
from escalations.models import Escalation
from escalations.sla import clocks


class Command(BaseCommand):
    help = (
        "Fill an empty desk with three agents, eight people, a month of runs and cases, and open cases, and "
        "write how to sign in to a file. Run again, it only writes the file; a desk in use is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        default = settings.BASE_DIR / "var" / "demo.json"
        parser.add_argument(
            "--file", type=Path, default=default, help="where to write (default: var/demo.json)"
        )
        parser.add_argument("--cases", type=int, default=400, help="past cases to make up (default: 400)")

    def handle(self, *args: Any, **options: Any) -> None:
        if desk.is_in_use():
            self.stdout.write("This desk is in use; no demo data was loaded.")
            return
        desk.set_up()
        macros.set_up()
        reviewed.write_guideline()
        credentials.keep(options["file"])
        if not Escalation.objects.exists():
            self._load(options)

    @transaction.atomic
    def _load(self, options: dict[str, Any]) -> None:
        """All or nothing, so that a load that was cut off is made up for by the next one."""
        keys = json.loads(options["file"].read_text())["api_keys"]
        now = clocks.database_now()
        runs = finished.plan(now, options["cases"])
        audits = list(finished.audits(runs, playing.report(runs)))
        past = [*rounds.add(history.plan(now, options["cases"]), now), *audits]
        count = playing.play(keys=keys, past=past, scenarios=SCENARIOS) - len(audits)
        looks = reviewed.look_again()
        datasets.ask_for_one()
        self.stdout.write(
            f"Loaded {count} demo cases, {len(runs)} finished runs and {len(audits)} audits of these, "
            f"and {looks} second looks."
        )
