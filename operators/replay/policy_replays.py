"""What a replay of a policy came to: the time as it was, under the rules in force, and under those tried."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from escalations.metrics.statistics import ENOUGH
from escalations.models import Escalation, Operator, PolicyReplay, PolicyReplayRows, Run
from escalations.policy.trial import Basis, Outcome
from escalations.policy.trial.outcome import Side
from escalations.replay import policies
from escalations.replay.asked import Under
from escalations.replay.policies import Example, Recorded
from operators.policy import trial_words as words
from operators.policy import trials as policy_trials
from operators.rendering.formatting import duration, money, percent, whole


@dataclass(frozen=True)
class Row:
    """A figure as recorded, under the rules in force, and under those tried, each with a line below it."""

    title: str
    cells: Sequence[tuple[str, str]]
    hint: str = ""
    # What of `escalations.replay.asked.COUNTS` stands in each of the cells.
    counts: Sequence[str] = ("", "", "")


@dataclass(frozen=True)
class Otherwise:
    """A case or run that would be treated otherwise, and the rules that say so."""

    one: Escalation | Run
    was_wrong: bool | None
    rules: str


@dataclass(frozen=True)
class Cell:
    """A figure, a line below it, and where what it counts is listed."""

    text: str
    below: str
    url: str


@dataclass(frozen=True)
class Shown:
    """A replay that is over; `spared` and `more` are the first of those that would be treated otherwise."""

    rows: list[tuple[Row, list[Cell]]]
    by_rule: list[tuple[str, list[Cell]]]
    notes: list[str]
    spared: list[Otherwise]
    more: list[Otherwise]
    outcome: Outcome
    all_spared: str
    all_more: str


@dataclass(frozen=True)
class _Found:
    outcome: Outcome
    basis: Basis
    recorded: Recorded

    @property
    def total(self) -> int:
        return self.basis.runs.total + self.basis.cases.total

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.outcome.now, self.outcome.draft


def shown(replay: PolicyReplay, viewer: Operator) -> Shown | None:
    """None while it is under way, or where it failed. Of the cases those that the viewer may see."""
    kept = replay.findings
    if kept is None:
        return None
    found = _Found(
        Outcome.of_json(kept["outcome"]), Basis.of_json(kept["basis"]), Recorded.of_json(kept["recorded"])
    )
    rules = {**replay.in_force, **replay.rules}
    has_rows = PolicyReplayRows.objects.filter(replay=replay).exists()
    linked = replay if has_rows else None
    return Shown(
        rows=[(row, _cells(row, linked)) for row in _rows(found)],
        by_rule=list(_by_rule(found.outcome, linked)),
        notes=list(words.notes(found.outcome, found.basis, rules)),
        spared=_cases(policies.examples(kept["spared"]), viewer),
        more=_runs(policies.examples(kept["more"])),
        outcome=found.outcome,
        all_spared=rows_url(replay, Under.TRIED, figure="fewer") if has_rows else "",
        all_more=rows_url(replay, Under.TRIED, figure="more") if has_rows else "",
    )


def _cells(row: Row, replay: PolicyReplay | None) -> list[Cell]:
    return [
        Cell(text, below, rows_url(replay, under, figure=counts) if replay and text and counts else "")
        for (text, below), counts, under in zip(row.cells, row.counts, Under, strict=True)
    ]


def _by_rule(outcome: Outcome, replay: PolicyReplay | None) -> Iterator[tuple[str, list[Cell]]]:
    rows = policy_trials.by_rule(outcome)
    for (code, subject), row in zip(policy_trials.rules(outcome), rows, strict=True):
        sides = ((Under.IN_FORCE, row.now), (Under.TRIED, row.draft))
        yield (
            row.title,
            [
                Cell(text, "", rows_url(replay, under, rule=code, subject=subject) if replay else "")
                for under, text in sides
            ],
        )


def rows_url(replay: PolicyReplay, under: Under, **more: str) -> str:
    """The list of what a figure of the replay counts (`figure`), or a rule asks for (`rule`, `subject`)."""
    query = {"under": str(under)} | {name: str(value) for name, value in more.items() if value}
    return reverse("policy_replay_rows", args=[replay.pk], query=query)


def _rows(found: _Found) -> Iterator[Row]:
    yield from _people(found)
    yield from _errors(found)
    audits = [found.recorded.audited, *(round(side.audits) for side in found.sides)]
    numbers = [(whole(number), "") for number in audits]
    yield Row(_("Runs drawn for an audit"), numbers, counts=("audits", "undrawn", "undrawn"))
    yield from _work(found)


def _people(found: _Found) -> Iterator[Row]:
    values = {"runs": words.counted(found.basis.runs), "cases": words.counted(found.basis.cases)}
    hint = _("of %(runs)s finished runs and %(cases)s cases") % values
    came = [float(found.recorded.came), *(side.come for side in found.sides)]
    yield Row(_("Handed off to a person"), [_of_all(each, found.total) for each in came], hint, ["come"] * 3)
    rest = [_of_all(found.total - each, found.total) for each in came]
    yield Row(_("Left to the agent"), rest, counts=["left"] * 3)
    outcome = found.outcome
    more, fewer = (whole(round(number)) for number in (outcome.more, outcome.fewer))
    yield Row(_("More runs for people"), _only_tried(words.signed(outcome.more, more)), counts=["more"] * 3)
    less = _only_tried(words.signed(-outcome.fewer, fewer))
    yield Row(_("Fewer runs and cases for people"), less, counts=["fewer"] * 3)


def _errors(found: _Found) -> Iterator[Row]:
    kept, caught = found.outcome.kept, [side.caught for side in found.sides]
    every = f"{whole(kept.n)} / {whole(kept.n)}" if kept.n else words.too_few()
    hint = _("of the cases in which a person found the agent wrong or partly wrong")
    tried = (words.hits(kept), words.of_all(kept))
    yield Row(_("Errors caught in cases"), [(every, ""), (every, ""), tried], hint, ["errors_in_cases"] * 3)
    hint = _("of the errors that audits found in runs nobody was asked about")
    none = f"0 / {whole(caught[0].n)}" if caught[0].is_enough else words.too_few()
    sides = [(words.hits(share), words.of_all(share)) for share in caught]
    in_runs = ("missed", "errors_in_runs", "errors_in_runs")
    yield Row(_("Errors caught in runs"), [(none, ""), *sides], hint, in_runs)
    missed = [(found.recorded.missed, 0.0), (found.outcome.now.missed, 0.0)]
    missed.append((found.outcome.draft.missed, found.outcome.lost))
    about = [words.errors(share, found.basis.runs.total, lost) for share, lost in missed]
    yield Row(_("Errors missed, about"), about, _("in all runs, by the audits"), ["missed"] * 3)


def _work(found: _Found) -> Iterator[Row]:
    work, recorded = found.recorded.work, found.recorded
    if work.seconds is None:
        yield Row(_("People’s time"), [(words.too_few(), "")] * 3, f"n = {whole(work.n)}", ["worked"] * 3)
        return
    numbers = [recorded.came + recorded.audited, *(side.come + side.audits for side in found.sides)]
    hint = words.taken(work.seconds, work.n)
    times = [duration(work.seconds * number) for number in numbers]
    yield Row(_("People’s time"), [(time, "") for time in times], hint, ["worked"] * 3)
    if work.dollars is not None:
        costs = [money(work.dollars * number) for number in numbers]
        hint = _("by what an hour of those who decided costs")
        yield Row(_("Cost of that time"), [(cost, "") for cost in costs], hint, ["worked"] * 3)


def _only_tried(text: str) -> list[tuple[str, str]]:
    return [("", ""), ("", ""), (text, "")]


def _of_all(number: float, total: int) -> tuple[str, str]:
    return whole(round(number)), percent(number / total) if total >= ENOUGH else ""


def _cases(examples: Sequence[Example], viewer: Operator) -> list[Otherwise]:
    known = Escalation.objects.visible_to(viewer).in_bulk([UUID(each.id) for each in examples])
    return [_otherwise(known[UUID(each.id)], each) for each in examples if UUID(each.id) in known]


def _runs(examples: Sequence[Example]) -> list[Otherwise]:
    known = Run.objects.select_related("agent_version").in_bulk([UUID(each.id) for each in examples])
    return [_otherwise(known[UUID(each.id)], each) for each in examples if UUID(each.id) in known]


def _otherwise(one: Escalation | Run, each: Example) -> Otherwise:
    return Otherwise(one, each.was_wrong, ", ".join(words.rule(name) for name in each.names))
