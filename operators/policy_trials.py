"""What a draft of a policy would have done, in words and figures, with what they cannot tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from escalations.policies import Code
from escalations.trial import Evidence, Outcome, Share
from escalations.trial.evidence import Sample
from escalations.trial.outcome import Side
from operators.cards import interval, whole
from operators.forms.policy import BUDGET_LABELS
from operators.templatetags.desk import duration, money, percent

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
_NAMES_SHOWN = 100
# Rules about what a finished run is reported without.
_ONLY_IN_CASES = ("approve_tools", "checkpoints", "phrases", "asks_for_person")


@dataclass(frozen=True)
class Row:
    """A figure under the rules in force and under the draft; each may have a line below it."""

    title: str
    now: str
    draft: str
    hint: str = ""
    now_hint: str = ""
    draft_hint: str = ""


@dataclass(frozen=True)
class Shown:
    """The figures, about how many each rule asks for, what else is to be known, and all in one sentence.

    `names` are the categories, tools and arguments that were seen, for the fields that want one.
    """

    rows: list[Row]
    by_rule: list[Row]
    notes: list[str]
    summary: str
    names: dict[str, list[str]]


def shown(outcome: Outcome, evidence: Evidence, now: Rules, draft: Rules) -> Shown:
    """The outcome as the page has it."""
    rows = [
        _handed_off(outcome, evidence),
        *_difference(outcome, evidence),
        _in_cases(outcome),
        _in_audits(outcome),
        _wrong(outcome),
        _missed(outcome, evidence),
        *_audits(outcome),
        *_cost(outcome),
    ]
    summary = _("Under the draft %(draft)s of the runs go to a person, under the rules in force %(now)s.")
    values = {"now": rows[0].now, "draft": rows[0].draft}
    notes = list(_notes(outcome, evidence, {**now, **draft}))
    return Shown(rows, _by_rule(outcome), notes, summary % values, _names(evidence))


def _names(evidence: Evidence) -> dict[str, list[str]]:
    every = [seen.signals for seen in (*evidence.runs.rows, *evidence.cases.rows)]
    calls = [action for signals in every for action in signals.pending_actions]
    found = {
        "categories": {signals.category for signals in every},
        "tools": {call["name"] for call in calls},
        "arguments": {name for call in calls for name in call.get("arguments") or {}},
    }
    return {name: sorted(values - {""})[:_NAMES_SHOWN] for name, values in found.items()}


def _handed_off(outcome: Outcome, evidence: Evidence) -> Row:
    values = {"runs": _count(evidence.runs), "cases": _count(evidence.cases)}
    hint = _("of %(runs)s finished runs and %(cases)s cases") % values
    return Row(_("Go to a person"), _rate(outcome.now), _rate(outcome.draft), hint)


def _rate(side: Side) -> str:
    return _too_few() if side.handed_off is None else percent(side.handed_off)


def _difference(outcome: Outcome, evidence: Evidence) -> Iterator[Row]:
    if evidence.runs.total:
        yield Row(_("More runs for people"), "", _signed(outcome.more, whole(round(outcome.more))))
    needless = outcome.needless
    right = ngettext(
        "the agent was right in %(right)s of %(n)s decided case of these",
        "the agent was right in %(right)s of %(n)s decided cases of these",
        needless.n,
    ) % {"right": whole(needless.hits), "n": whole(needless.n)}
    hint = right if needless.n else ""
    fewer = _signed(-outcome.fewer, whole(round(outcome.fewer)))
    yield Row(_("Fewer runs and cases for people"), "", fewer, draft_hint=hint)


def _in_cases(outcome: Outcome) -> Row:
    kept = outcome.kept
    hint = _("of the cases in which a person found the agent wrong or partly wrong")
    every = f"{whole(kept.n)} / {whole(kept.n)}" if kept.n else _too_few()
    return Row(_("Errors caught in cases"), every, _hits(kept), hint, "", _interval(kept))


def _in_audits(outcome: Outcome) -> Row:
    now, draft = outcome.now.caught, outcome.draft.caught
    hint = _("of the errors that audits found in runs nobody was asked about")
    return Row(_("Errors caught in runs"), _hits(now), _hits(draft), hint, _interval(now), _interval(draft))


def _wrong(outcome: Outcome) -> Row:
    now, draft = outcome.now.wrong, outcome.draft.wrong
    hint = _("of the audited runs that nobody is asked about")
    title = _("Wrong among the rest")
    return Row(title, _percent(now), _percent(draft), hint, _bounds(now), _bounds(draft))


def _missed(outcome: Outcome, evidence: Evidence) -> Row:
    """What audits tell of all runs, and the errors of the cases that would not come."""
    total = evidence.runs.total
    now, now_hint = _errors(outcome.now.missed, total, 0)
    draft, draft_hint = _errors(outcome.draft.missed, total, outcome.lost)
    return Row(_("Errors missed, about"), now, draft, _("in all runs, by the audits"), now_hint, draft_hint)


def _errors(missed: Share, total: int, lost: float) -> tuple[str, str]:
    if not missed.is_enough:
        return _too_few(), f"n = {whole(missed.n)}"
    about, low, high = (
        whole(round(share * total + lost)) for share in (missed.share, missed.low, missed.high)
    )
    return about, _("%(low)s to %(high)s") % {"low": low, "high": high}


def _audits(outcome: Outcome) -> Iterator[Row]:
    counts = [round(side.audits) for side in (outcome.now, outcome.draft)]
    if any(counts):
        yield Row(_("Runs drawn for an audit"), whole(counts[0]), whole(counts[1]))


def _cost(outcome: Outcome) -> Iterator[Row]:
    people = outcome.people
    if outcome.seconds is None or people.seconds is None:
        yield Row(_("People’s time"), "", _too_few(), draft_hint=f"n = {whole(people.n)}")
        return
    values = {"median": duration(people.seconds), "n": whole(people.n)}
    hint = _("a case takes %(median)s, the median of %(n)s") % values
    yield Row(_("People’s time"), "", _signed(outcome.seconds, duration(abs(outcome.seconds))), hint)
    if outcome.dollars is not None:
        hint = _("by what an hour of those who decided costs")
        yield Row(_("Cost of that time"), "", _signed(outcome.dollars, money(abs(outcome.dollars))), hint)


def _by_rule(outcome: Outcome) -> list[Row]:
    now, draft = outcome.now.by_rule, outcome.draft.by_rule
    names = [*dict.fromkeys([*now, *draft])]
    names.sort(key=lambda name: -max(now.get(name, 0), draft.get(name, 0)))
    return [
        Row(
            str(BUDGET_LABELS[subject] if code == Code.BUDGET else _RULES[code]),
            whole(round(now.get((code, subject), 0))),
            whole(round(draft.get((code, subject), 0))),
        )
        for code, subject in names
    ]


def _notes(outcome: Outcome, evidence: Evidence, rules: Rules) -> Iterator[str]:
    yield from _sampled(evidence)
    posted = {"posted": whole(len(evidence.audits)), "decided": whole(outcome.decided)}
    yield _("%(decided)s audits were found right or wrong, of %(posted)s that were posted.") % posted
    rows = evidence.runs.rows
    if undrawn := sum(not seen.could_be_drawn for seen in rows):
        values = {"undrawn": whole(undrawn), "n": whole(len(rows))}
        words = _(
            "%(undrawn)s of %(n)s runs came while none were drawn for audits, which tell nothing of these."
        )
        yield words % values
    if evidence.runs.total and any(rules.get(name) for name in _ONLY_IN_CASES):
        yield _(
            "Finished runs are reported without what the user said, tool calls and checkpoints: rules about "
            "these are held against cases and audits alone."
        )
    if rules.get("tool_failures") is not None and evidence.cases.total:
        yield _("Cases do not say how many tool calls failed: no budget for these is held against them.")
    if rules.get("confidence"):
        every = [*rows, *evidence.cases.rows]
        if silent := sum(seen.signals.confidence is None for seen in every):
            values = {"silent": whole(silent), "n": whole(len(every))}
            yield _("%(silent)s of %(n)s reported no confidence: no threshold asks for these.") % values
    if unread := sum(not seen.is_read for seen in [*evidence.cases.rows, *evidence.audits]):
        words = ngettext(
            "%(count)s case was too long to be read here: only its figures count.",
            "%(count)s cases were too long to be read here: only their figures count.",
            unread,
        )
        yield words % {"count": whole(unread)}


def _sampled(evidence: Evidence) -> Iterator[str]:
    for sample, even, sliced in (
        (
            evidence.runs,
            _("Of %(total)s finished runs %(n)s were looked at, taken evenly over the time."),
            _("Of about %(total)s finished runs %(n)s were looked at: the first few of each hour."),
        ),
        (
            evidence.cases,
            _("Of %(total)s cases %(n)s were looked at, taken evenly over the time."),
            _("Of about %(total)s cases %(n)s of the newest were looked at."),
        ),
    ):
        if sample.total > len(sample.rows):
            values = {"total": whole(sample.total), "n": whole(len(sample.rows))}
            yield (sliced if sample.estimated else even) % values


def _hits(share: Share) -> str:
    if not share.is_enough:
        return _too_few()
    return f"{whole(share.hits)} / {whole(share.n)}"


def _bounds(share: Share) -> str:
    if not share.is_enough:
        return f"n = {whole(share.n)}"
    values = {"n": whole(share.n), "interval": interval((share.low, share.high))}
    return _("n = %(n)s · 95%% interval %(interval)s") % values


def _percent(share: Share) -> str:
    return percent(share.share) if share.is_enough else _too_few()


def _interval(share: Share) -> str:
    if not share.is_enough:
        return f"n = {whole(share.n)}"
    values = {"share": percent(share.share), "interval": interval((share.low, share.high))}
    return _("%(share)s, 95%% interval %(interval)s") % values


def _count(sample: Sample) -> str:
    number = whole(sample.total)
    return _("about %(number)s") % {"number": number} if sample.estimated else number


def _signed(value: float, text: str) -> str:
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{text}"


def _too_few() -> str:
    return _("not enough data")
