"""How to label, as people write it: Markdown in numbered versions, of which the newest counts."""

from escalations.models import Guideline, Operator
from escalations.numbered import save_next

TEXT_MAX = 100_000


def in_force() -> Guideline | None:
    """The newest guideline; None while nothing is written."""
    return Guideline.objects.first()


def save(text: str, *, note: str, operator: Operator | None, based_on: int) -> Guideline:
    """Bring another text into force, under the next number. `based_on` is the number that was in force.

    Raises:
        Outdated: it is in force no longer; nothing was saved.
    """
    return save_next(Guideline, {"text": text}, note=note, operator=operator, based_on=based_on)
