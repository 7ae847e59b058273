"""Run things at once, each on a connection of its own, as separate processes would."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

Answer = TypeVar("Answer")


def at_once(jobs: Sequence[Callable[[], Answer]]) -> list[Answer | Exception]:
    """Start all jobs behind one barrier; give back what each returned or raised, in their order."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], Answer]) -> Answer | Exception:
        barrier.wait(timeout=30)
        try:
            return job()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))
