"""Simulated agents. They know the desk by its REST API alone, as real ones would.

Each hands a case off now and then, waits for the decision by long-poll and says what became of it; sometimes
the user writes again meanwhile, and sometimes the agent loses patience first. Where a person takes over, the
user answers most of what they say. A desk that is away, restarts or changes its keys only makes them wait.
"""

import asyncio
import json
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from demo import users
from demo.scenarios import SCENARIOS
from demo.stories import STORIES, Fill
from demo.writing import Scenario, render

_WAIT_SECONDS = 55
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_TELL_TYPING_SECONDS = 4.0
_OVER = ("resolved", "expired", "cancelled")


@dataclass(frozen=True)
class Pace:
    """How the agents behave; times are ranges of seconds. So many cases are open `at_once` at most."""

    between: tuple[float, float] = (20, 60)
    patience: tuple[float, float] = (900, 5_400)
    writes_after: tuple[float, float] = (8, 90)
    at_once: int = 40
    reads_for: tuple[float, float] = (1, 4)
    types_for: tuple[float, float] = (3, 12)
    answers: float = 0.85


@dataclass
class _Followed:
    """A case that an agent waits for."""

    agent: str
    path: str
    version: int
    gives_up_at: float
    gave_up: bool = False
    over: bool = False
    read_until: str = "0"
    answered: int = 0


class Agents:
    """All agents whose keys stand in `file`, which `load_demo` writes."""

    def __init__(self, file: Path, *, pace: Pace, dice: random.Random, say: Callable[[str], None]) -> None:
        self._file, self._pace, self._dice, self._say = file, pace, dice, say
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(10, read=_WAIT_SECONDS + 15))
        self._busy: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Hand off and follow until cancelled."""
        async with self._client, asyncio.TaskGroup() as tasks:
            for case in await self._left_open():
                self._start(tasks, self._follow(case))
            while True:
                await asyncio.sleep(self._dice.uniform(*self._pace.between))
                if len(self._busy) < self._pace.at_once:
                    self._start(tasks, self._one_case())

    def _start(self, tasks: asyncio.TaskGroup, work: Coroutine[Any, Any, None]) -> None:
        task = tasks.create_task(work)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _left_open(self) -> list[_Followed]:
        """Cases of an earlier run, or of the demo data, whose decisions nobody else would take."""
        cases = []
        for agent in (await self._way_in())["api_keys"]:
            latest = await self._request(agent, "GET", "/api/v1/handoffs?limit=100")
            cases += [
                # Version 0, so that what is decided already is found at the first look.
                self._followed(agent, case | {"version": 0})
                for case in latest.json().get("items", [])
                if case["state"] not in _OVER or case["delivery"] in ("undelivered", "delivered")
            ]
        return cases

    async def _one_case(self) -> None:
        """Hand a case off and see it through."""
        scenario = self._choose()
        payload = render(scenario, now=datetime.now(UTC), new_id=lambda: uuid4().hex[:12])
        answer = await self._request(scenario.agent, "POST", "/api/v1/handoffs", payload, key=str(uuid4()))
        if answer.status_code != httpx.codes.CREATED:
            self._say(f"{scenario.agent}: handoff refused: {answer.text[:300]}")
            return
        self._say(f"{scenario.agent}: handed off “{payload['question']}”")
        case = self._followed(scenario.agent, answer.json())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(case))
            if scenario.later and self._dice.random() < 0.5:
                tasks.create_task(self._write_later(case, self._dice.choice(scenario.later)))

    def _choose(self) -> Scenario:
        if self._dice.random() < 0.6:
            return self._dice.choice(
                [scenario for scenario in SCENARIOS if "metadata" not in scenario.payload]
            )
        return self._dice.choice(STORIES).tell(Fill(self._dice))

    def _followed(self, agent: str, case: dict[str, Any]) -> _Followed:
        patience = self._dice.uniform(*self._pace.patience)
        path = f"/api/v1/handoffs/{case['id']}"
        return _Followed(agent, path, case["version"], asyncio.get_running_loop().time() + patience)

    async def _write_later(self, case: _Followed, text: str) -> None:
        await asyncio.sleep(self._dice.uniform(*self._pace.writes_after))
        if not case.over:
            body = {"messages": [{"role": "user", "content": text}]}
            await self._request(case.agent, "POST", f"{case.path}/messages", body, key=str(uuid4()))

    async def _follow(self, case: _Followed) -> None:
        """Wait until the case is over, and acknowledge its decision."""
        while not case.over:
            case.over = await self._is_over(case)

    async def _is_over(self, case: _Followed) -> bool:
        """Wait once. Impatient agents withdraw, or go on by themselves and take the decision as late."""
        if not case.gave_up and asyncio.get_running_loop().time() > case.gives_up_at:
            case.gave_up = True
            if self._dice.random() < 0.5:
                withdrawal = {"reason": "The user left."}
                answer = await self._request(case.agent, "POST", f"{case.path}/cancel", withdrawal)
                return answer.status_code == httpx.codes.OK
        wait = f"{case.path}/wait?timeout={_WAIT_SECONDS}&after_version={case.version}"
        answer = await self._request(case.agent, "GET", wait)
        if answer.status_code == httpx.codes.NO_CONTENT:
            return False
        if answer.status_code != httpx.codes.OK:
            self._say(f"{case.agent}: gave up on {case.path}: HTTP {answer.status_code}")
            return True
        found = answer.json()
        case.version = found["version"]
        if found["decision"] is not None:
            await self._acknowledge(case, found["decision"]["decision"])
        elif found["last_turn"] not in (None, case.read_until):
            await self._read(case)
        return found["state"] in _OVER

    async def _read(self, case: _Followed) -> None:
        """Take what is new in the conversation, and mostly answer what a person said last."""
        answer = await self._request(case.agent, "GET", f"{case.path}/messages?after={case.read_until}")
        if answer.status_code != httpx.codes.OK:
            return
        page = answer.json()
        case.read_until = page["cursor"]
        if not page["items"] or page["items"][-1]["from"] != "operator":
            return
        case.gives_up_at = max(case.gives_up_at, asyncio.get_running_loop().time() + self._pace.patience[0])
        if self._dice.random() < self._pace.answers:
            await self._reply(case, page["items"][-1])

    async def _reply(self, case: _Followed, turn: dict[str, Any]) -> None:
        """Answer a person's turn: the user after some typing, the agent itself at once."""
        await asyncio.sleep(self._dice.uniform(*self._pace.reads_for))
        if turn["role"] == "system":
            message = {"role": "assistant", "content": users.answer_of_agent(self._dice)}
        else:
            words = users.answer_to(str(turn["content"]), answered=case.answered, dice=self._dice)
            message = {"role": "user", "content": words}
            await self._type(case, users.typing_seconds(words, pace=self._pace.types_for, dice=self._dice))
        case.answered += 1
        body = {"messages": [message]}
        await self._request(case.agent, "POST", f"{case.path}/messages", body, key=str(uuid4()))

    async def _type(self, case: _Followed, seconds: float) -> None:
        """Let the desk see that the user is typing, for so long."""
        while seconds > 0:
            await self._request(case.agent, "POST", f"{case.path}/typing")
            await asyncio.sleep(min(seconds, _TELL_TYPING_SECONDS))
            seconds -= _TELL_TYPING_SECONDS

    async def _acknowledge(self, case: _Followed, decision: str) -> None:
        outcome = "late" if case.gave_up else "applied"
        await self._request(case.agent, "POST", f"{case.path}/ack", {"outcome": outcome})
        self._say(f"{case.agent}: {decision}, {outcome}")

    async def _request(
        self, agent: str, method: str, path: str, body: Any = None, *, key: str = ""
    ) -> httpx.Response:
        """Ask until the desk answers for good. A refused key may have a successor in the file."""
        pause = _FIRST_PAUSE
        while True:
            way_in = await self._way_in()
            headers = {"Authorization": f"Bearer {way_in['api_keys'].get(agent, '')}"}
            headers |= {"Idempotency-Key": key} if key else {}
            with suppress(httpx.TransportError):
                answer = await self._client.request(method, way_in["url"] + path, json=body, headers=headers)
                if answer.status_code < 500 and answer.status_code not in (401, 429):
                    return answer
            await asyncio.sleep(pause * self._dice.uniform(0.8, 1.2))
            pause = min(_LONGEST_PAUSE, pause * 2)

    async def _way_in(self) -> dict[str, Any]:
        """Address and keys; waits for the file as long as there is none."""
        while True:
            with suppress(OSError, ValueError):
                way_in: dict[str, Any] = json.loads(self._file.read_text())
                return way_in
            await asyncio.sleep(_FIRST_PAUSE)
