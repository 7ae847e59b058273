"""Starts the router soon after something happened that it may act on. The beat starts it anyway."""

from django.dispatch import receiver

from escalations.background import Nudger
from escalations.signals import committed
from escalations.tasks import sweep_routing

# A nudge that nobody took by then is worth nothing: the beat has sent another.
_EXPIRES = 2
# Of what happens within so many seconds, the first starts the router at once and the others once more.
_PAUSE = 0.25


@receiver(committed)
def route_soon(**_: object) -> None:
    """Ask for a sweep of the router, soon."""
    _nudger.nudge()


def _start() -> None:
    sweep_routing.apply_async(expires=_EXPIRES, retry=False)


_nudger = Nudger("routing", _start, pause=_PAUSE)
