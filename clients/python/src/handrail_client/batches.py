"""Finished runs on their way to the desk: kept until there are enough, or until they are old enough."""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from . import calls
from .bodies import Redact, body_of
from .errors import HandrailError
from .outbox import Outbox
from .plans import Plan
from .verdicts import RunsTaken

log = logging.getLogger("handrail_client")

# As many as the desk takes at once.
BATCH_MAX = 1000
# What is kept while the desk cannot be reached; beyond it the oldest are given up.
_KEPT_MAX = 20_000
# What a run and its full state both say.
_SHARED = ("agent", "conversation_id", "confidence", "confidence_source", "category", "usage")

Review = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class Batching:
    """When runs are sent: once there are `size`, or the oldest is `seconds` old, and at `flush` and `close`.

    `on_taken` is told what became of each batch, in the thread that sent it.
    """

    size: int = 200
    seconds: float = 5.0
    on_taken: Callable[[RunsTaken], None] | None = None


@dataclass(frozen=True)
class WaitingRun:
    """A run, how it goes out, and its full state should the desk want it."""

    run: Mapping[str, Any]
    body: bytes
    review: Review | None


class Runs:
    """The runs that one client has not sent yet. Threads and tasks may share it."""

    def __init__(self, outbox: Outbox, batching: Batching, redact: Redact | None) -> None:
        self._outbox = outbox
        outbox.on_runs = self._tell
        self._batching = batching
        self._redact = redact
        self._lock = Lock()
        self._waiting: deque[WaitingRun] = deque()
        self._is_closed = False
        self._due_at = 0.0
        self._not_before = 0.0

    def add(self, run: Mapping[str, Any], review: Review | None) -> None:
        """Keep it until it is due. RuntimeError: the client is closed."""
        waiting = self._prepared(run, review)
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the client is closed")
            if not self._waiting:
                self._due_at = time.monotonic() + self._batching.seconds
            self._waiting.append(waiting)

    def due_in(self) -> float | None:
        """Seconds until they are to be sent; None if there is none."""
        now = time.monotonic()
        with self._lock:
            if not self._waiting:
                return None
            due_at = now if len(self._waiting) >= self._batching.size else self._due_at
            return max(0.0, due_at - now, self._not_before - now)

    def flush(self, *, attempts: int | None = None) -> Plan[RunsTaken]:
        """Send all that wait. What cannot be sent waits on."""
        parts: list[RunsTaken] = []
        while batch := self._take():
            try:
                parts.append((yield from self._send(batch, attempts)))
            except BaseException:
                self._put_back(batch)
                raise
        return RunsTaken.of_all(parts)

    def report(self, runs: Sequence[Mapping[str, Any]]) -> Plan[RunsTaken]:
        """Send these at once, in as many batches as they need."""
        prepared = [self._prepared(run, None) for run in runs]
        parts: list[RunsTaken] = []
        while prepared:
            batch, prepared = prepared[:BATCH_MAX], prepared[BATCH_MAX:]
            parts.append((yield from self._send(batch, None)))
        return RunsTaken.of_all(parts)

    def flush_quietly(self, *, attempts: int) -> Plan[None]:
        """The same, where nobody is there to be told but the log."""
        try:
            yield from self.flush(attempts=attempts)
        except HandrailError as error:
            log.warning("%s finished runs are not sent yet: %s", len(self._waiting), error)

    def close(self) -> None:
        """Take no more: nobody would send them."""
        with self._lock:
            self._is_closed = True

    def forget(self) -> None:
        """In a forked process: the runs are the parent's, and so was whoever held the lock."""
        self._lock = Lock()
        self._waiting.clear()

    def _prepared(self, run: Mapping[str, Any], review: Review | None) -> WaitingRun:
        dated = {"finished_at": datetime.now(UTC), **run}
        return WaitingRun(dated, body_of(dated, self._redact), review)

    def _send(self, batch: Sequence[WaitingRun], attempts: int | None) -> Plan[RunsTaken]:
        by_id = {one.run["run_id"]: one for one in batch}
        taken = yield from self._outbox.post(
            calls.report_runs([one.body for one in batch]),
            lambda: replace(RunsTaken.of_all([]), is_spooled=True),
            attempts=attempts,
            reviews=lambda: self._reviews(batch),
        )
        if taken.is_spooled:
            return taken
        taken = yield from self._outbox.with_reviews(taken, lambda run_id: self._review(by_id.get(run_id)))
        self._tell(taken)
        return taken

    def _review(self, one: WaitingRun | None) -> bytes | None:
        """The full state of a run as it goes out, if there is one."""
        if one is None or one.review is None:
            return None
        shared = {name: one.run[name] for name in _SHARED if name in one.run}
        try:
            fields = one.review() if callable(one.review) else one.review
            document = shared | dict(fields) | {"run_id": one.run["run_id"]}
            return calls.review_body(document, redact=self._redact)
        except Exception:  # of the caller's own; it holds up no other run
            log.exception("the full state of run %s cannot be made", one.run["run_id"])
            return None

    def _reviews(self, batch: Sequence[WaitingRun]) -> dict[str, str]:
        bodies = {one.run["run_id"]: self._review(one) for one in batch}
        return {run_id: body.decode() for run_id, body in bodies.items() if body is not None}

    def _tell(self, taken: RunsTaken) -> None:
        for result in taken.results:
            if result.status == "refused":
                log.error("run %s was refused: %s", result.run_id, result.errors)
        try:
            if self._batching.on_taken:
                self._batching.on_taken(taken)
        except Exception:  # the runs are at the desk all the same
            log.exception("on_taken failed")

    def _take(self) -> list[WaitingRun]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(BATCH_MAX, len(self._waiting)))]

    def _put_back(self, batch: Sequence[WaitingRun]) -> None:
        with self._lock:
            self._waiting.extendleft(reversed(batch))
            self._not_before = time.monotonic() + self._batching.seconds
            lost = max(0, len(self._waiting) - _KEPT_MAX)
            for _ in range(lost):
                self._waiting.popleft()
        if lost:
            log.error("%s runs were given up: the desk cannot be reached", lost)
