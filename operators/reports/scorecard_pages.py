"""What the pages of scorecards say of controls and trends, in words, with the page where each is set up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from escalations.models import AgentVersion, FailureMode
from escalations.reports.scorecard import AGAINST, Control, Controls, ModeScore, Scorecard, Trend
from operators.metrics.filters import Filters, cases_url
from operators.rendering.formatting import interval, money, percent, whole

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_TITLES: Mapping[Control, "StrOrPromise"] = {
    Control.THRESHOLD: gettext_lazy("Threshold calibrated"),
    Control.CONTEXT: gettext_lazy("Budget of turns or context"),
    Control.CHECKPOINTS: gettext_lazy("Checkpoints registered"),
    Control.TOOLS: gettext_lazy("Outputs of tools checked"),
    Control.COST: gettext_lazy("Budget of cost"),
    Control.AUDITS: gettext_lazy("Audits running"),
}


@dataclass(frozen=True)
class ShownControl:
    """A control, whether it is on, and what is known of it."""

    title: str
    is_on: bool
    detail: str
    url: str


@dataclass(frozen=True)
class ShownMode:
    """A row of the scorecard; `rate` is empty where there is not enough data."""

    title: str
    rate: str
    note: str
    url: str
    trend: str
    tone: str
    control: ShownControl
    score: ModeScore


def shown_modes(card: Scorecard, filters: Filters) -> list[ShownMode]:
    """The five modes as the page has them."""
    by_control = shown_controls(card.version, card.controls)
    return [_mode(score, card, filters, by_control[AGAINST[score.mode]]) for score in card.modes]


def shown_controls(version: AgentVersion, controls: Controls) -> dict[Control, ShownControl]:
    """All controls, on or missing."""
    policy = f"{reverse('policy', args=[version.agent_id])}?{urlencode({'version': version.pk})}"
    return {
        control: ShownControl(str(title), control in controls.on, _detail(control, controls), policy)
        for control, title in _TITLES.items()
    }


def _mode(score: ModeScore, card: Scorecard, filters: Filters, control: ShownControl) -> ShownMode:
    metric = card.labelled.metric
    counted = _("%(hits)s of %(n)s") % {"hits": whole(score.hits), "n": whole(score.n)}
    is_enough = score.share is not None
    return ShownMode(
        title=str(FailureMode(score.mode).label),
        rate=percent(score.share) if is_enough else "",
        note=f"{counted} · {interval(score.interval)}" if is_enough else counted,
        url=cases_url(filters.scope, metric, score.mode.value),
        trend=_trend(score.trend),
        tone=_tone(score.trend),
        control=control,
        score=score,
    )


def _trend(trend: Trend | None) -> str:
    if trend is None:
        return ""
    values = {"change": _points(trend.change), "low": _points(trend.low), "high": _points(trend.high)}
    return _("%(change)s points (%(low)s to %(high)s)") % values


def _points(share: float) -> str:
    number = formats.number_format(f"{abs(100 * share):.1f}", 1, use_l10n=True)
    return f"{'+' if share >= 0 else '−'}{number}"


def _tone(trend: Trend | None) -> str:
    if trend is None or not trend.is_clear:
        return ""
    return "bad-text" if trend.change > 0 else "good-text"


def _detail(control: Control, controls: Controls) -> str:
    numbers = controls.numbers
    if control == Control.THRESHOLD:
        if control in controls.on:
            return _("no lower than audits of this version proved")
        return (
            _("set, but no audits of this version prove it") if numbers["has_threshold"] else _("none is set")
        )
    if control == Control.CONTEXT:
        return _limits(numbers["turns"], numbers["context_tokens"])
    if control == Control.COST:
        cost = numbers["cost_usd"]
        return _("none is set") if cost is None else _("%(cost)s a run") % {"cost": money(cost)}
    return _reported(control, numbers)


def _limits(turns: float | None, tokens: float | None) -> str:
    said = [
        *([_("%(turns)s turns") % {"turns": whole(int(turns))}] if turns is not None else []),
        *([_("%(tokens)s tokens") % {"tokens": whole(int(tokens))}] if tokens is not None else []),
    ]
    return " · ".join(said) or _("none is set")


def _reported(control: Control, numbers: Mapping[str, int]) -> str:
    if control == Control.CHECKPOINTS:
        n = numbers["schemas"]
        return ngettext("of %(n)s step", "of %(n)s steps", n) % {"n": n} if n else _("of no step")
    if control == Control.TOOLS:
        n = numbers["tools_checked"]
        if n:
            words = ngettext("%(n)s output in 30 days", "%(n)s outputs in 30 days", n)
            return words % {"n": whole(n)}
        if numbers["tool_failures"] is not None:
            return _("budget of %(n)s failed calls") % {"n": whole(numbers["tool_failures"])}
        return _("none in 30 days")
    values = {"rate": percent(numbers["audit_rate"]), "audited": whole(numbers["audited"])}
    return _("%(rate)s of the runs drawn; %(audited)s audits posted in 30 days") % values
