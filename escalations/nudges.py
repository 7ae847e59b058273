"""Starts background work soon after a commit that gave it some. The beat starts it anyway."""

from django.dispatch import receiver

from escalations.background import Nudger
from escalations.signals import committed
from escalations.tasks import (
    build_datasets,
    import_labels,
    sweep_audit_checks,
    sweep_erasures,
    sweep_replays,
    sweep_routing,
    sweep_words,
)

# A nudge that nobody took by then is worth nothing: the beat has sent another.
_EXPIRES = 2
# Of what happens within so many seconds, the first starts the work at once and the others once more.
_ROUTING_PAUSE = 0.25
_WORDS_PAUSE = 2.0


@receiver(committed)
def route_soon(**_: object) -> None:
    """Ask for a sweep of the router, soon."""
    _routing.nudge()


@receiver(committed)
def write_words_soon(**_: object) -> None:
    """Ask for the words of new cases to be written, soon."""
    _words.nudge()


def replay_soon() -> None:
    """Ask for the replay that somebody waits for."""
    _replays.nudge()


def check_audit_log_soon() -> None:
    """Ask for the check that somebody waits for."""
    _checks.nudge()


def build_datasets_soon() -> None:
    """Ask for the version of a dataset that somebody waits for."""
    _datasets.nudge()


def import_labels_soon() -> None:
    """Ask for the file of labels that somebody waits for."""
    _imports.nudge()


def erase_soon() -> None:
    """Ask for what is to be erased to be erased."""
    _erasures.nudge()


def _route() -> None:
    sweep_routing.apply_async(expires=_EXPIRES, retry=False)


def _write_words() -> None:
    sweep_words.apply_async(expires=_EXPIRES, retry=False)


def _check_audit_log() -> None:
    sweep_audit_checks.apply_async(expires=_EXPIRES, retry=False)


def _build_datasets() -> None:
    build_datasets.apply_async(expires=_EXPIRES, retry=False)


def _import_labels() -> None:
    import_labels.apply_async(expires=_EXPIRES, retry=False)


def _erase() -> None:
    sweep_erasures.apply_async(expires=_EXPIRES, retry=False)


def _replay() -> None:
    sweep_replays.apply_async(expires=_EXPIRES, retry=False)


_routing = Nudger("routing", _route, pause=_ROUTING_PAUSE)
_words = Nudger("words", _write_words, pause=_WORDS_PAUSE)
_checks = Nudger("audit-checks", _check_audit_log)
_datasets = Nudger("datasets", _build_datasets)
_imports = Nudger("label-imports", _import_labels)
_erasures = Nudger("erasures", _erase)
_replays = Nudger("replays", _replay)
