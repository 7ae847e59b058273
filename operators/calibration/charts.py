"""The charts of calibration: how often runs of a confidence are right, and what a threshold lets pass."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from escalations.calibration.values import Bin, Findings, Possible
from escalations.metrics.statistics import wilson
from operators.calibration.page import Subject
from operators.calibration.runs import Narrowed
from operators.calibration.words import number, usable
from operators.metrics.charts.chart import Cell, Chart
from operators.rendering.formatting import interval, percent, whole

_ALL = 100


def charts(found: Findings, subject: Subject, alpha: float) -> list[Chart]:
    """Both, whose points and numbers lead to the runs."""
    return [reliability(found.bins, subject), risk_coverage(found, subject, alpha)]


def reliability(bins: Sequence[Bin], subject: Subject) -> Chart:
    """The share of right runs in each bin, over its mean confidence."""
    found = [(one, wilson(one.right, one.n)) for one in bins]
    urls = [Narrowed(one.lowest, one.highest).url(subject) for one in bins]
    series = {
        "name": _("were right"),
        "tone": "accent",
        "data": [{"value": _points(one.accuracy), "href": url} for one, url in zip(bins, urls, strict=True)],
        "low": [_points(low) for _one, (low, _high) in found],
        "high": [_points(high) for _one, (_low, high) in found],
    }
    return Chart(
        "reliability",
        _("Reliability"),
        # xgettext:no-python-format
        _("% right by confidence, with 95% intervals; the dashed line is perfect"),
        {
            "type": "plane",
            "unit": "%",
            "x": [percent(one.confidence) for one in bins],
            "at": [_points(one.confidence) for one in bins],
            "names": [_("confidence"), _("were right")],
            "max": _ALL,
            "diagonal": True,
            "series": [series],
        },
        [_("Confidence"), _("Mean"), _("Were right"), _("95% interval"), _("Runs")],
        [_bin(one, bounds, url) for (one, bounds), url in zip(found, urls, strict=True)],
    )


def _bin(one: Bin, bounds: tuple[float, float], url: str) -> tuple[str, list[Cell]]:
    cells = [
        Cell(percent(one.confidence), number=_points(one.confidence)),
        Cell(percent(one.accuracy), number=_points(one.accuracy)),
        Cell(interval(bounds)),
        Cell(whole(one.n), url, one.n),
    ]
    return f"{number(one.lowest)} – {number(one.highest)}", cells


def risk_coverage(found: Findings, subject: Subject, alpha: float) -> Chart:
    """The share of errors among the runs that would be done alone, over their share of all runs."""
    shown = [one for one in usable(found) if one.n][::-1]
    bounds = [wilson(one.errors, one.n) for one in shown]
    chosen = found.choice.chosen
    data = {
        "type": "plane",
        "unit": "%",
        "x": [_("%(share)s alone") % {"share": percent(1 - one.share)} for one in shown],
        "at": [_points(1 - one.share) for one in shown],
        "names": [_("done alone"), _("wrong")],
        "levels": [{"y": _points(alpha), "name": _("wanted")}],
        "marks": [{"x": _points(1 - chosen.share), "name": number(chosen.threshold)}] if chosen else [],
        "series": [
            _line(_("wrong"), "accent", [one.errors / one.n for one in shown])
            | {"data": [_wrong_above(one, subject) for one in shown]},
            _line(_("at least"), "soft", [low for low, _high in bounds], dash="dotted"),
            _line(_("at most"), "soft", [high for _low, high in bounds], dash="dashed"),
        ],
    }
    rows = [_row(one, between, subject) for one, between in zip(shown, bounds, strict=True)]
    # xgettext:no-python-format
    hint = _("% wrong of the runs above a threshold, by their share of all runs")
    return Chart("risk-coverage", _("Risk and coverage"), hint, data, _risk_headings(), rows)


def _risk_headings() -> list[str]:
    wrong = (_("Wrong above"), _("95% interval"))
    return [_("Threshold"), _("Go to people"), *wrong, _("Audits above"), _("Caught")]


def _wrong_above(one: Possible, subject: Subject) -> dict[str, object]:
    """A point that leads to the errors above the threshold."""
    url = Narrowed(one.threshold, only_wrong=True).url(subject)
    return {"value": _points(one.errors / one.n), "href": url}


def _row(one: Possible, bounds: tuple[float, float], subject: Subject) -> tuple[str, list[Cell]]:
    wrong = Narrowed(one.threshold, only_wrong=True).url(subject)
    cells = [
        Cell(percent(one.share), number=_points(one.share)),
        Cell(percent(one.errors / one.n), wrong, _points(one.errors / one.n)),
        Cell(interval(bounds)),
        Cell(whole(one.n), Narrowed(one.threshold).url(subject), one.n),
        Cell(whole(one.caught), number=one.caught),
    ]
    return number(one.threshold), cells


def _line(name: str, tone: str, shares: Sequence[float], *, dash: str | None = None) -> dict[str, object]:
    return {
        "name": name,
        "tone": tone,
        "line": True,
        "dash": dash,
        "data": [_points(one) for one in shares],
    }


def _points(share: float) -> float:
    """A share in percent, as charts have it."""
    return round(100 * share, 2)
