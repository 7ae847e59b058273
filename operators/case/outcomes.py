"""Decisions on cases like the one at hand, alike ones together, to be reused in its form."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models import Decision
from escalations.search.similar import Like

_WORDED = {
    Decision.APPROVE: gettext_lazy("Approved"),
    Decision.EDIT: gettext_lazy("Edited and approved"),
    Decision.REJECT: gettext_lazy("Denied"),
    Decision.RESPOND: gettext_lazy("Answered"),
    Decision.TAKEOVER: gettext_lazy("Taken over"),
    Decision.CANCEL: gettext_lazy("Cancelled"),
}
_SENTENCE = re.compile(r"(.+?[.!?])(?:\s|$)", re.DOTALL)
_SHOWN_LENGTH = 90


@dataclass(frozen=True)
class Outcome:
    """One way that cases were decided: those cases, the likest first, and how many were found in all."""

    alike: Sequence[Like]
    total: int

    @property
    def words(self) -> str:
        """What was decided, with the first sentence of what was said."""
        first = self.alike[0]
        decided = str(_WORDED[Decision(first.resolution.decision)])
        if first.changed:
            decided += f" ({', '.join(first.changed[:3])})"
        said = _first_sentence(first.resolution.message)
        return _("%(decided)s: “%(said)s”") % {"decided": decided, "said": said} if said else decided

    @property
    def count(self) -> str:
        return _("%(count)s of %(total)s") % {"count": len(self.alike), "total": self.total}

    @property
    def fields(self) -> dict[str, str]:
        """What reusing it puts into the form. Arguments are never copied: they are another customer's."""
        decided = self.alike[0].resolution
        fields = {
            "decision": decided.decision,
            "message": decided.message,
            "agent_correct": decided.agent_correct,
            "failure_primary": decided.failure_primary,
        }
        return {name: value for name, value in fields.items() if value}


def grouped(found: Sequence[Like]) -> list[Outcome]:
    """The decisions with alike ones together, the most frequent first."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[Like]] = {}
    for each in found:
        decided = each.resolution
        groups.setdefault((decided.decision, _gist(decided.message), each.changed), []).append(each)
    outcomes = [Outcome(alike, len(found)) for alike in groups.values()]
    return sorted(outcomes, key=lambda outcome: -len(outcome.alike))


def _gist(message: str) -> str:
    """The first sentence without names and numbers in it being spelt alike: letters alone."""
    return re.sub(r"[\W\d_]+", " ", _first_sentence(message).casefold()).strip()


def _first_sentence(message: str) -> str:
    text = " ".join(message.split())
    match = _SENTENCE.match(text)
    sentence = match[1] if match else text
    return sentence if len(sentence) <= _SHOWN_LENGTH else sentence[: _SHOWN_LENGTH - 1] + "…"
