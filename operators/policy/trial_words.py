"""The words and numbers of a trial: what a rule is called, shares and intervals, what nobody can tell."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from escalations.policy.policies import Code
from escalations.policy.trial import Basis, Outcome, Share
from escalations.policy.trial.basis import Counted
from escalations.policy.trial.outcome import RuleName
from operators.policy.forms.policy import BUDGET_LABELS
from operators.rendering.formatting import duration, interval, percent, whole

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Rules = Mapping[str, Any]
_RULES: dict[Code, "StrOrPromise"] = {
    Code.CONFIDENCE: gettext_lazy("Confidence under its threshold"),
    Code.NEVER: gettext_lazy("Category that is never handled"),
    Code.APPROVAL: gettext_lazy("Tool that needs approval"),
    Code.CHECKPOINT: gettext_lazy("Checkpoint that failed"),
    Code.PHRASE: gettext_lazy("Words of the user"),
    Code.PERSON: gettext_lazy("The user asked for a person"),
}
# Rules about what a finished run is reported without.
_ONLY_IN_CASES = ("approve_tools", "checkpoints", "phrases", "asks_for_person")


def rule(name: RuleName) -> str:
    """What a rule is called."""
    code, subject = name
    return str(BUDGET_LABELS[subject] if code == Code.BUDGET else _RULES[code])


def errors(missed: Share, total: int, lost: float) -> tuple[str, str]:
    """About how many errors of `total` runs were missed, and `lost` with them; from how many to how many."""
    if not missed.is_enough:
        return too_few(), f"n = {whole(missed.n)}"
    about, low, high = (
        whole(round(share * total + lost)) for share in (missed.share, missed.low, missed.high)
    )
    return about, _("%(low)s to %(high)s") % {"low": low, "high": high}


def taken(seconds: float, n: int) -> str:
    """By what people's time is reckoned."""
    values = {"mean": duration(seconds), "n": whole(n)}
    return _("cases and audits; one took %(mean)s, the mean of %(n)s") % values


def notes(outcome: Outcome, basis: Basis, rules: Rules) -> Iterator[str]:
    """What else is to be known before anybody goes by the figures."""
    yield from sampled(basis)
    posted = {"posted": whole(basis.audits), "decided": whole(outcome.decided)}
    yield _("%(decided)s audits were found right or wrong, of %(posted)s that were posted.") % posted
    if basis.undrawn:
        values = {"undrawn": whole(basis.undrawn), "n": whole(basis.runs.looked_at)}
        words = _(
            "%(undrawn)s of %(n)s runs came while none were drawn for audits, which tell nothing of these."
        )
        yield words % values
    if basis.runs.total and any(rules.get(name) for name in _ONLY_IN_CASES):
        yield _(
            "Finished runs are reported without what the user said, tool calls and checkpoints: rules about "
            "these are held against cases and audits alone."
        )
    if rules.get("tool_failures") is not None and basis.cases.total:
        yield _("Cases do not say how many tool calls failed: no budget for these is held against them.")
    if rules.get("confidence") and basis.silent:
        looked_at = basis.runs.looked_at + basis.cases.looked_at
        values = {"silent": whole(basis.silent), "n": whole(looked_at)}
        yield _("%(silent)s of %(n)s reported no confidence: no threshold asks for these.") % values
    if basis.unread:
        words = ngettext(
            "%(count)s case was too long to be read here: only its figures count.",
            "%(count)s cases were too long to be read here: only their figures count.",
            basis.unread,
        )
        yield words % {"count": whole(basis.unread)}


def sampled(basis: Basis) -> Iterator[str]:
    """How many of the runs and cases were looked at, where not all were."""
    for sample, even, sliced in (
        (
            basis.runs,
            _("Of %(total)s finished runs %(n)s were looked at, taken evenly over the time."),
            _("Of about %(total)s finished runs %(n)s were looked at: the first few of each hour."),
        ),
        (
            basis.cases,
            _("Of %(total)s cases %(n)s were looked at, taken evenly over the time."),
            _("Of about %(total)s cases %(n)s of the newest were looked at."),
        ),
    ):
        if sample.total > sample.looked_at:
            values = {"total": whole(sample.total), "n": whole(sample.looked_at)}
            yield (sliced if sample.estimated else even) % values


def hits(share: Share) -> str:
    """So many of so many."""
    if not share.is_enough:
        return too_few()
    return f"{whole(share.hits)} / {whole(share.n)}"


def bounds(share: Share) -> str:
    """Of how many, and the interval."""
    if not share.is_enough:
        return f"n = {whole(share.n)}"
    values = {"n": whole(share.n), "interval": interval((share.low, share.high))}
    return _("n = %(n)s · 95%% interval %(interval)s") % values


def percentage(share: Share) -> str:
    """The share alone."""
    return percent(share.share) if share.is_enough else too_few()


def of_all(share: Share) -> str:
    """The share and its interval."""
    if not share.is_enough:
        return f"n = {whole(share.n)}"
    values = {"share": percent(share.share), "interval": interval((share.low, share.high))}
    return _("%(share)s, 95%% interval %(interval)s") % values


def counted(sample: Counted) -> str:
    """How many there are."""
    number = whole(sample.total)
    return _("about %(number)s") % {"number": number} if sample.estimated else number


def signed(value: float, text: str) -> str:
    """`text` after the sign of `value`, the number that it stands for."""
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{text}"


def too_few() -> str:
    """What stands in the place of a figure that rests on too little."""
    return _("not enough data")
