"""A forked process shares no connection with its parent, and has none of its threads."""

import os
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    def _after_fork(self) -> None: ...


_clients: WeakSet[Forkable] = WeakSet()


def clean_after_fork(client: Forkable) -> None:
    """Let the client forget in each forked process what is its parent's."""
    _clients.add(client)


def _clean() -> None:
    for client in list(_clients):
        client._after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_clean)
