"""`manage.py simulate_agents`: agents that hand cases off now and then, so that the desk is alive."""

import asyncio
import random
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from demo.agents import Agents, Pace


class Command(BaseCommand):
    help = "Hand cases off through the REST API every 20 to 60 s and apply the decisions, until stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        default = settings.BASE_DIR / "var" / "demo.json"
        parser.add_argument(
            "--file", type=Path, default=default, help="what load_demo wrote (default: var/demo.json)"
        )
        parser.add_argument("--between", type=float, nargs=2, default=Pace.between, metavar=("LEAST", "MOST"),
                            help="seconds between two handoffs (default: 20 60)")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        pace = Pace(between=tuple(options["between"]))
        agents = Agents(options["file"], pace=pace, dice=random.Random(), say=self._say)
        with suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(_until_stopped(agents))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


async def _until_stopped(agents: Agents) -> None:
    running = asyncio.current_task()
    if running is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await agents.run()
