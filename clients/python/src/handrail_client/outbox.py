"""What is said to the desk: kept on the disk while it cannot be reached, and sent before what is newer."""

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from . import calls
from .answers import Case
from .calls import Call, HandoffRef
from .errors import HandrailError, KeyReused, NotKept, Refused, StillOpen, Unauthenticated
from .fallbacks import Fallback, asked_about, unknown
from .plans import Pause, Plan, Planner, Work
from .spool import Entry, Lock, Queue
from .verdicts import RunsTaken

log = logging.getLogger("handrail_client")
T = TypeVar("T")

# How long a call waits, in seconds, for another thread or process that sends what waits.
_PATIENCE = 10.0
_LOOK = 0.05


@dataclass
class Replayed:
    """What became of what waited on the disk. `set_aside` are files of calls that the desk refused for good.

    `error` says why some are left.
    """

    sent: int = 0
    left: int = 0
    set_aside: list[Path] = field(default_factory=list)
    error: HandrailError | None = None


class Outbox:
    """Sends for one client. Without a queue, what cannot be sent fails."""

    def __init__(self, planner: Planner, queue: Queue | None) -> None:
        self._planner = planner
        self._queue = queue
        self.on_runs: Callable[[RunsTaken], None] = lambda taken: None

    def post(
        self,
        call: Call[T],
        kept: Callable[[], T],
        *,
        attempts: int | None = None,
        reviews: Callable[[], Mapping[str, str]] = dict,
    ) -> Plan[T]:
        """Send it behind all that waits; or keep it, and give what `kept` says.

        Raises:
            NotKept: neither could be done.
        """
        if self._queue is None:
            return (yield from self._planner.call(call, attempts=attempts))
        fault: HandrailError | None = None
        if (yield from self._catch_up(self._queue)):
            try:
                return (yield from self._planner.call(call, attempts=attempts))
            except HandrailError as error:
                if not error.may_pass:
                    raise
                fault = error
        try:
            yield from _done(partial(self._queue.add, Entry(call, reviews())))
        except NotKept as error:
            raise error from fault
        why = fault or "other calls wait for it"
        log.warning("what the desk should know waits in %s: %s", self._queue.folder, why)
        return kept()

    def hand_off(self, call: Call[Case], handoff: Mapping[str, Any], fallback: Fallback | None) -> Plan[Case]:
        """A case, which the desk may not have got yet."""
        unsent = replace(unknown(), asked_about=asked_about(handoff), unsent=call)
        try:
            case = yield from self.post(call, lambda: replace(unsent, is_spooled=True))
        except HandrailError as error:
            if fallback is None or not (error.may_pass or isinstance(error, NotKept)):
                raise
            log.warning("a case could not be handed off; the fallback counts: %s", error)
            return fallback.decide(unsent)
        if case.unsent is None:
            return replace(case, asked_about=unsent.asked_about)
        return fallback.decide(case) if fallback else case

    def say(self, handoff: HandoffRef, make: Callable[[HandoffRef], Call[Case]]) -> Plan[Case]:
        """Something about a case."""
        handoff = yield from self.sent(handoff)
        known = handoff if isinstance(handoff, Case) else unknown(calls.identity(handoff))
        return (yield from self.post(make(handoff), lambda: replace(known, is_spooled=True)))

    def ack(self, handoff: HandoffRef, make: Callable[[HandoffRef], Call[Case]], outcome: str) -> Plan[Case]:
        """What became of a decision. Nothing of the engineer's own, of which the desk does not know."""
        if isinstance(handoff, Case) and handoff.is_fallback:
            return handoff
        if outcome != "acknowledged":
            return (yield from self.say(handoff, make))
        # Whoever takes a decision up must know whether they may go on with it.
        handoff = yield from self.sent(handoff)
        return (yield from self._planner.call(make(handoff)))

    def sent(self, handoff: HandoffRef) -> Plan[HandoffRef]:
        """The same case, after the desk has got it."""
        if not isinstance(handoff, Case) or not isinstance(handoff.unsent, Call):
            return handoff
        unsent: Call[Case] = handoff.unsent
        case = yield from self._planner.call(unsent)
        return replace(case, asked_about=handoff.asked_about)

    def wait(
        self, handoff: HandoffRef, timeout: float | None, format: str | None, fallback: Fallback | None
    ) -> Plan[Case]:
        """The case once it is over; with the fallback where nobody decided by then."""
        until = math.inf if timeout is None else time.monotonic() + timeout
        asked = handoff.asked_about if isinstance(handoff, Case) else ()
        try:
            handoff = yield from self._sent_by(handoff, until)
            if self._queue:
                yield from self._catch_up(self._queue)  # people should see what was said about it
            left = None if timeout is None else max(0.0, until - time.monotonic())
            case = yield from self._planner.wait(handoff, left, format)
        except StillOpen as still:
            if fallback is None:
                raise
            known = still.case or (handoff if isinstance(handoff, Case) else None)
            case = known or unknown(calls.identity(handoff))
            return fallback.decide(replace(case, asked_about=asked))
        case = replace(case, asked_about=asked)
        return fallback.decide(case) if fallback and case.state == "expired" and not case.decision else case

    def replay(self, *, attempts: int | None = None) -> Plan[Replayed]:
        """Send what waits, the oldest first, until all is sent or the desk is away."""
        done = Replayed()
        if self._queue is None:
            return done
        lock: Lock | None = None
        try:
            lock = yield from self._locked(self._queue)
            while lock and (entry := (yield from _done(self._queue.first))):
                yield from self._send(self._queue, entry, attempts, done)
            done.left = yield from _done(self._queue.size)
        except HandrailError as error:
            done.error = error
            done.left = 1 if isinstance(error, NotKept) else (yield from _done(self._queue.size))
        finally:
            if lock:
                lock.release()
        return done

    def with_reviews(self, taken: RunsTaken, review: Callable[[str], bytes | None]) -> Plan[RunsTaken]:
        """What became of runs, after the full state was sent of those that the desk has drawn."""
        missing: list[str] = []
        for run_id in taken.send_in_full:
            body = review(run_id)
            is_sent = body is not None and (yield from self._review(run_id, body))
            missing += [] if is_sent else [run_id]
        return replace(taken, send_in_full=missing)

    def _review(self, run_id: str, body: bytes) -> Plan[bool]:
        """False: the desk does not take it."""
        try:
            yield from self._planner.call(calls.review_of(run_id, body))
        except KeyReused:
            return True  # sent before, and then it said something else
        except Refused as refused:
            if refused.may_pass:
                raise
            log.error("the full state of run %s was refused: %s", run_id, refused)
            return False
        return True

    def _catch_up(self, queue: Queue) -> Plan[bool]:
        """Whether a new call may be sent: nothing waits any more, or nobody can read what does."""
        try:
            if (yield from _done(queue.is_empty)):
                return True
        except NotKept:
            return True
        done = yield from self.replay(attempts=1)
        if isinstance(done.error, Unauthenticated):
            raise done.error
        return done.left == 0 or isinstance(done.error, NotKept)

    def _send(self, queue: Queue, entry: Entry, attempts: int | None, done: Replayed) -> Plan[None]:
        try:
            answer = yield from self._planner.call(entry.call, attempts=attempts)
        except HandrailError as error:
            if error.may_pass or isinstance(error, Unauthenticated):
                raise
            path = yield from _done(partial(queue.set_aside, entry, str(error)))
            log.error("the desk refused what waited for it, which is now in %s: %s", path, error)
            done.set_aside.append(path)
            return
        if isinstance(answer, RunsTaken):
            self.on_runs((yield from self.with_reviews(answer, entry.review)))
        yield from _done(partial(queue.remove, entry))
        done.sent += 1

    def _locked(self, queue: Queue) -> Plan[Lock | None]:
        """The right to send; None where somebody else has it for long, or has sent all."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and not (yield from _done(queue.is_empty)):
            # At once: in a thread of its own it could be got for a task that is cancelled meanwhile.
            lock = _on_disk(Work(queue.try_lock).outcome())
            if lock:
                return lock
            yield Pause(_LOOK)
        return None

    def _sent_by(self, handoff: HandoffRef, until: float) -> Plan[HandoffRef]:
        for failed in count(1):
            try:
                return (yield from self.sent(handoff))
            except HandrailError as error:
                left = until - time.monotonic()
                if not error.may_pass:
                    raise
                if left <= 0:
                    raise StillOpen(None) from error
                pause = (error.retry_after or 0.0) + self._planner.retry.pause(failed)
            yield Pause(min(left, pause))
        raise AssertionError("count() does not end")


class Replaying:
    """When what waits is looked at without being asked for; never, if `seconds` is None."""

    def __init__(self, outbox: Outbox, seconds: float | None) -> None:
        self._outbox = outbox
        self._seconds = seconds
        self._due_at = 0.0

    def due_in(self) -> float | None:
        """In how many seconds; 0: now."""
        return None if self._seconds is None else max(0.0, self._due_at - time.monotonic())

    def replay(self) -> Plan[None]:
        """Do it, and let the log know if some is left."""
        try:
            done = yield from self._outbox.replay(attempts=1)
        finally:
            self._due_at = time.monotonic() + (self._seconds or 0.0)
        if done.error:
            log.warning("what waits for the desk is not sent yet: %s", done.error)


def sooner(*seconds: float | None) -> float | None:
    """The shortest, of those that are set."""
    return min((one for one in seconds if one is not None), default=None)


def _done(do: Callable[[], T]) -> Plan[T]:
    """What comes of work on the disk.

    Raises:
        NotKept: the disk fails.
    """
    outcome: T | OSError | NotKept = yield Work(do)
    return _on_disk(outcome)


def _on_disk(outcome: T | OSError | NotKept) -> T:
    """The outcome of work on the disk. NotKept: the disk fails."""
    if isinstance(outcome, NotKept):
        raise outcome
    if isinstance(outcome, OSError):
        raise NotKept(f"the spool cannot be used: {outcome}") from outcome
    return outcome
