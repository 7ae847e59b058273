"""What a draft of a policy would have done, in words and figures, with what they cannot tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.policy.trial import Basis, Evidence, Outcome
from escalations.policy.trial.outcome import RuleName, Side
from operators.policy import trial_words as words
from operators.rendering.formatting import duration, money, percent, whole

Rules = Mapping[str, Any]
_NAMES_SHOWN = 100


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
    """The figures, about how many each rule asks for, what else is to be known, and all in one sentence."""

    rows: list[Row]
    by_rule: list[Row]
    notes: list[str]
    summary: str


def shown(outcome: Outcome, basis: Basis, now: Rules, draft: Rules) -> Shown:
    """The outcome as the page has it."""
    rows = [
        _handed_off(outcome, basis),
        *_difference(outcome, basis),
        _in_cases(outcome),
        _in_audits(outcome),
        _wrong(outcome),
        _missed(outcome, basis),
        *_audits(outcome),
        *_cost(outcome),
    ]
    summary = _("Under the draft %(draft)s of the runs go to a person, under the rules in force %(now)s.")
    values = {"now": rows[0].now, "draft": rows[0].draft}
    notes = list(words.notes(outcome, basis, {**now, **draft}))
    return Shown(rows, by_rule(outcome), notes, summary % values)


def names(evidence: Evidence) -> dict[str, list[str]]:
    """The categories, tools and arguments that were seen, for the fields that want one."""
    every = [seen.signals for seen in (*evidence.runs.rows, *evidence.cases.rows)]
    calls = [action for signals in every for action in signals.pending_actions]
    found = {
        "categories": {signals.category for signals in every},
        "tools": {call["name"] for call in calls},
        "arguments": {name for call in calls for name in call.get("arguments") or {}},
    }
    return {name: sorted(values - {""})[:_NAMES_SHOWN] for name, values in found.items()}


def _handed_off(outcome: Outcome, basis: Basis) -> Row:
    values = {"runs": words.counted(basis.runs), "cases": words.counted(basis.cases)}
    hint = _("of %(runs)s finished runs and %(cases)s cases") % values
    return Row(_("Go to a person"), _rate(outcome.now), _rate(outcome.draft), hint)


def _rate(side: Side) -> str:
    return words.too_few() if side.handed_off is None else percent(side.handed_off)


def _difference(outcome: Outcome, basis: Basis) -> Iterator[Row]:
    if basis.runs.total:
        yield Row(_("More runs for people"), "", words.signed(outcome.more, whole(round(outcome.more))))
    needless = outcome.needless
    right = ngettext(
        "the agent was right in %(right)s of %(n)s decided case of these",
        "the agent was right in %(right)s of %(n)s decided cases of these",
        needless.n,
    ) % {"right": whole(needless.hits), "n": whole(needless.n)}
    hint = right if needless.n else ""
    fewer = words.signed(-outcome.fewer, whole(round(outcome.fewer)))
    yield Row(_("Fewer runs and cases for people"), "", fewer, draft_hint=hint)


def _in_cases(outcome: Outcome) -> Row:
    kept = outcome.kept
    hint = _("of the cases in which a person found the agent wrong or partly wrong")
    every = f"{whole(kept.n)} / {whole(kept.n)}" if kept.n else words.too_few()
    return Row(_("Errors caught in cases"), every, words.hits(kept), hint, "", words.of_all(kept))


def _in_audits(outcome: Outcome) -> Row:
    now, draft = outcome.now.caught, outcome.draft.caught
    hint = _("of the errors that audits found in runs nobody was asked about")
    return Row(
        _("Errors caught in runs"),
        words.hits(now),
        words.hits(draft),
        hint,
        words.of_all(now),
        words.of_all(draft),
    )


def _wrong(outcome: Outcome) -> Row:
    now, draft = outcome.now.wrong, outcome.draft.wrong
    hint = _("of the audited runs that nobody is asked about")
    title = _("Wrong among the rest")
    return Row(
        title,
        words.percentage(now),
        words.percentage(draft),
        hint,
        words.bounds(now),
        words.bounds(draft),
    )


def _missed(outcome: Outcome, basis: Basis) -> Row:
    """What audits tell of all runs, and the errors of the cases that would not come."""
    total = basis.runs.total
    now, now_hint = words.errors(outcome.now.missed, total, 0)
    draft, draft_hint = words.errors(outcome.draft.missed, total, outcome.lost)
    return Row(_("Errors missed, about"), now, draft, _("in all runs, by the audits"), now_hint, draft_hint)


def _audits(outcome: Outcome) -> Iterator[Row]:
    counts = [round(side.audits) for side in (outcome.now, outcome.draft)]
    if any(counts):
        yield Row(_("Runs drawn for an audit"), whole(counts[0]), whole(counts[1]))


def _cost(outcome: Outcome) -> Iterator[Row]:
    work = outcome.work
    if outcome.seconds is None or work.seconds is None:
        yield Row(_("People’s time"), "", words.too_few(), draft_hint=f"n = {whole(work.n)}")
        return
    hint = words.taken(work.seconds, work.n)
    yield Row(_("People’s time"), "", words.signed(outcome.seconds, duration(abs(outcome.seconds))), hint)
    if outcome.dollars is not None:
        hint = _("by what an hour of those who decided costs")
        yield Row(
            _("Cost of that time"), "", words.signed(outcome.dollars, money(abs(outcome.dollars))), hint
        )


def by_rule(outcome: Outcome) -> list[Row]:
    """About how many runs and cases each rule asks for, in the order of `rules`."""
    now, draft = outcome.now.by_rule, outcome.draft.by_rule
    return [
        Row(words.rule(name), whole(round(now.get(name, 0))), whole(round(draft.get(name, 0))))
        for name in rules(outcome)
    ]


def rules(outcome: Outcome) -> list[RuleName]:
    """The rules that ask for anything, the most frequent first."""
    now, draft = outcome.now.by_rule, outcome.draft.by_rule
    every = [*dict.fromkeys([*now, *draft])]
    return sorted(every, key=lambda name: -max(now.get(name, 0), draft.get(name, 0)))
