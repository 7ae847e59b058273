"""Which socket has seen what, and how long after it was sent."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field

# What is not there by then counts as this late.
GIVEN_UP_SECONDS = 10.0


@dataclass
class Watch:
    """When each marker was sent, and how long it took to each of so many sockets."""

    sockets: int
    sent: dict[str, float] = field(default_factory=dict)
    unseen: dict[str, set[int]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def send(self, marker: str, to: Collection[int] | None = None) -> None:
        """Note that `marker` is on its way to the sockets `to`, or to all."""
        self.unseen[marker] = set(range(self.sockets) if to is None else to)
        self.sent[marker] = time.perf_counter()

    def receive(self, socket: int, text: str) -> None:
        """Note every marker in `text` that this socket had not seen."""
        now = time.perf_counter()
        for marker, waiting in list(self.unseen.items()):
            if socket in waiting and marker in text:
                waiting.discard(socket)
                self.seconds.append(now - self.sent[marker])
                if not waiting:
                    del self.unseen[marker]

    def finish(self) -> list[float]:
        """All times; those that never came as `GIVEN_UP_SECONDS`."""
        missing = sum(map(len, self.unseen.values()))
        return self.seconds + [GIVEN_UP_SECONDS] * missing
