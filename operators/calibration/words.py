"""What the page of calibration says of a look: the sentence, what it rests on, and the figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.calibration.looks import Standing
from escalations.calibration.values import Counts, Estimate, Findings, Possible, Short, Tested
from escalations.metrics.statistics import wilson
from escalations.models import CalibrationLook
from operators.rendering.formatting import interval, percent, whole

# From this share of missing labels on they are worth a warning.
_MUCH_IS_MISSING = 0.1


@dataclass(frozen=True)
class Row:
    """A candidate as the table of the evidence has it."""

    threshold: str
    escalated: str
    n: str
    errors: str
    bound: str
    p: str
    passed: bool


@dataclass(frozen=True)
class Past:
    """A look as the list of them has it."""

    number: int
    when: datetime
    who: str
    wanted: str
    spent: str
    n: str
    threshold: str


@dataclass(frozen=True)
class Figure:
    """One figure with its interval; `value` is empty where it cannot be told."""

    title: str
    meaning: str
    value: str
    note: str


def sentence(standing: Standing) -> str:
    """What may be promised, in one sentence; what is lacking, where nothing may."""
    look, found = standing.last, standing.findings
    if look is None or found is None:
        return _("Nobody has looked at what the audits found yet.")
    chosen = found.choice.chosen
    if chosen is None:
        return _short(look, found)
    words = _(
        "At a threshold of %(threshold)s at most %(alpha)s of the runs above it are wrong, with "
        "%(confidence)s confidence; %(share)s of all runs would go to people (%(interval)s)."
    )
    return words % {
        "threshold": number(chosen.threshold),
        "alpha": short_percent(look.alpha),
        "confidence": short_percent(1 - look.delta),
        "share": percent(chosen.share, 0),
        "interval": interval(wilson(chosen.share * found.traffic, found.traffic)),
    }


def _short(look: CalibrationLook, found: Findings) -> str:
    values = {
        "alpha": short_percent(look.alpha),
        "confidence": short_percent(1 - look.delta),
        "more": whole(found.choice.more or 0),
    }
    if found.choice.short == Short.AUDITS:
        return (
            ngettext(
                "%(more)s more audit is needed before a threshold can promise at most %(alpha)s wrong with "
                "%(confidence)s confidence.",
                "%(more)s more audits are needed before a threshold can promise at most %(alpha)s wrong with "
                "%(confidence)s confidence.",
                found.choice.more or 0,
            )
            % values
        )
    return (
        _("No threshold can promise at most %(alpha)s wrong: too many of the surest runs are wrong already.")
        % values
    )


def ground(found: Findings) -> Tested | None:
    """The test that the sentence rests on: that of the threshold, else the first one made."""
    return found.choice.chosen or next(iter(found.choice.tests), None)


def grounds(standing: Standing) -> str:
    """What the sentence rests on."""
    found = standing.findings
    tested = ground(found) if found else None
    if tested is None:
        return ""
    return ngettext(
        "Audited at or above %(threshold)s: %(n)s run, %(errors)s of them wrong.",
        "Audited at or above %(threshold)s: %(n)s runs, %(errors)s of them wrong.",
        tested.n,
    ) % {"n": whole(tested.n), "threshold": number(tested.threshold), "errors": whole(tested.errors)}


def rows(tests: Sequence[Tested]) -> list[Row]:
    """The tests in the order in which they were made."""
    return [
        Row(
            number(test.threshold),
            percent(test.share),
            whole(test.n),
            whole(test.errors),
            percent(test.bound),
            "< 0.0001" if test.p < 0.0001 else decimal(test.p, 4),
            test.passed,
        )
        for test in tests
    ]


def missing(counts: Counts) -> tuple[list[str], bool]:
    """What of the drawn runs says nothing, and whether that is so much that it may mislead."""
    told = [
        (counts.owed, _("%(n)s never posted by the agent")),
        (counts.waiting, _("%(n)s waiting for a decision or closed without one")),
        (counts.unsure, _("%(n)s that nobody was sure of")),
    ]
    absent = counts.owed + counts.waiting + counts.unsure
    return (
        [words % {"n": whole(n)} for n, words in told if n],
        absent > _MUCH_IS_MISSING * (absent + counts.judged),
    )


def figures(found: Findings) -> list[Figure]:
    """How good the confidence is, in single numbers."""
    return [
        _wrong(found),
        _score(
            _("Brier score"), _("Mean squared distance of confidence and outcome; 0 is best."), found.brier
        ),
        _score(
            _("Calibration error"),
            _("Mean gap of confidence and accuracy over the bins; 0 is best."),
            found.ece,
        ),
        _score(
            _("AUROC"),
            _("How often a right run is surer than a wrong one; 0.5 is chance, 1 is best."),
            found.auroc,
        ),
        Figure(
            _("Area under risk and coverage"),
            _("Mean share of errors over all thresholds; 0 is best."),
            "" if found.area is None else decimal(found.area, 3),
            "",
        ),
    ]


def _wrong(found: Findings) -> Figure:
    values = {
        "wrong": whole(found.wrong),
        "n": whole(found.n),
        "interval": interval(wilson(found.wrong, found.n)),
    }
    return Figure(
        _("Wrong"),
        _("Of the judged runs of the sample."),
        percent(found.wrong / found.n) if found.n else "",
        _("%(wrong)s of %(n)s · 95%% interval %(interval)s") % values,
    )


def _score(title: str, meaning: str, found: Estimate | None) -> Figure:
    if found is None:
        return Figure(title, meaning, "", _("all were right, or all wrong"))
    bounds = {"low": decimal(found.low, 3), "high": decimal(found.high, 3)}
    return Figure(title, meaning, decimal(found.value, 3), _("95%% interval %(low)s to %(high)s") % bounds)


def what_if(found: Findings) -> list[dict[str, Any]]:
    """For each threshold the shares of all runs that would go to people, and be wrong below and above it."""
    return [
        {
            "threshold": one.threshold,
            "share": one.share,
            "caught": one.caught / found.n,
            "missed": one.errors / found.n,
        }
        for one in usable(found)
    ]


def usable(found: Findings) -> Sequence[Possible]:
    """The thresholds that can be drawn: none without audits."""
    return found.possible if found.n else []


def place_of(found: Findings) -> int:
    """Where among these the chosen threshold is, else the middle."""
    middle = len(found.possible) // 2
    if (chosen := found.choice.chosen) is None:
        return middle
    return next(
        (place for place, one in enumerate(found.possible) if one.threshold == chosen.threshold), middle
    )


def history(looks: Sequence[CalibrationLook]) -> list[Past]:
    """What each look was for, spent and found."""
    return [_past(look, Findings.of_json(look.findings)) for look in looks]


def _past(look: CalibrationLook, found: Findings) -> Past:
    chosen = found.choice.chosen
    wanted = _("%(alpha)s wrong, %(confidence)s sure") % {
        "alpha": short_percent(look.alpha),
        "confidence": short_percent(1 - look.delta),
    }
    return Past(
        look.number,
        look.created_at,
        str(look.operator),
        wanted,
        percent(look.spent, 2),
        whole(found.n),
        number(chosen.threshold) if chosen else "",
    )


def number(threshold: float) -> str:
    """A threshold, with as many digits as it has."""
    text = f"{threshold:.4f}".rstrip("0")
    return decimal(threshold, max(2, len(text.partition(".")[2])))


def decimal(value: float, places: int) -> str:
    return formats.number_format(f"{value:.{places}f}", places, use_l10n=True)


def short_percent(share: float) -> str:
    """A share that people wrote: 2%, 2.5%."""
    written = f"{100 * share:.2f}".rstrip("0")
    return percent(share, len(written.partition(".")[2]))
