"""The runs behind the figures of calibration: all of the last look, some confidences, or the wrong ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from escalations.calibration import looks
from escalations.models import AgentCorrect, Escalation
from operators.calibration.page import Subject
from operators.calibration.words import number

if TYPE_CHECKING:
    from escalations.calibration.evidence import Judged

_SHOWN = 200
_WRONG = "wrong"


@dataclass(frozen=True)
class Narrowed:
    """From the confidence `least` to `most`, both included; `only_wrong` leaves out what was right."""

    least: float = 0.0
    most: float = 1.0
    only_wrong: bool = False

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Narrowed":
        return cls(_share(asked, "from", 0.0), _share(asked, "to", 1.0), asked.get("only") == _WRONG)

    def url(self, subject: Subject) -> str:
        """Of the page that lists these."""
        query: dict[str, Any] = {"version": subject.version.pk, "source": subject.source}
        if self.least > 0:
            query["from"] = repr(self.least)
        if self.most < 1:
            query["to"] = repr(self.most)
        if self.only_wrong:
            query["only"] = _WRONG
        return f"{reverse('calibration_runs')}?{urlencode(query)}"

    @property
    def words(self) -> str:
        """The confidences, empty for all."""
        if self.least <= 0 and self.most >= 1:
            return ""
        return _("Confidence from %(least)s to %(most)s.") % {
            "least": number(self.least),
            "most": number(self.most),
        }


@dataclass(frozen=True)
class Line:
    """A run in words, with the case in which people looked at it."""

    case: Escalation
    confidence: str
    label: str
    is_wrong: bool


def context(subject: Subject, narrowed: Narrowed) -> dict[str, Any]:
    """All that the page shows.

    Raises:
        Http404: nobody has looked yet, so nobody may be told what was found.
    """
    # As a look does, which most processes never make: numpy is large.
    from escalations.calibration import evidence

    look = looks.standing(subject.version, subject.source).last
    if look is None:
        raise Http404(_("Nobody has looked at what the audits found yet."))
    sample, is_as_then = evidence.sample_of(look)
    found = [
        one
        for one in sample
        if narrowed.least <= one.confidence <= narrowed.most and (one.is_wrong or not narrowed.only_wrong)
    ]
    return {
        "subject": subject,
        "look": look,
        "narrowed": narrowed.words,
        "choices": _choices(subject, narrowed),
        "lines": _lines(found[:_SHOWN]),
        "count": len(found),
        "is_as_then": is_as_then,
    }


def _lines(found: "Sequence[Judged]") -> list[Line]:
    cases = Escalation.objects.in_bulk([one.case_id for one in found])
    return [
        Line(
            cases[one.case_id],
            number(one.confidence),
            str(AgentCorrect(one.label).label),
            one.is_wrong,
        )
        for one in found
    ]


def _choices(subject: Subject, narrowed: Narrowed) -> list[tuple[str, str, bool]]:
    """All, or the wrong ones: address, words, and whether it is what the page shows."""
    least, most = narrowed.least, narrowed.most
    return [
        (Narrowed(least, most).url(subject), _("All"), not narrowed.only_wrong),
        (Narrowed(least, most, True).url(subject), _("Wrong"), narrowed.only_wrong),
    ]


def _share(asked: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(asked.get(name, default))
    except ValueError:
        return default
    return value if 0 <= value <= 1 else default
