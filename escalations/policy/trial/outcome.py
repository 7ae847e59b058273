"""The rules in force and a draft, held against the evidence by the evaluator of `POST /checks`.

Who would have come to the desk: of the cases all but those that the rules in force asked for and the draft
does not (what an agent hands off of its own accord comes under any policy); of the runs those that the rules
ask for. What is told of errors is what people found: in cases by their decision, in runs by audits, which
stand for all runs by the rates at which they were drawn.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from escalations.metrics.statistics import ENOUGH, wilson
from escalations.policy.policies import Code, reasons
from escalations.policy.trial.evidence import Evidence, Seen

Rules = Mapping[str, Any]
# What a rule is called in a count: its code, and its subject where that is one of few.
RuleName = tuple[Code, str]


@dataclass(frozen=True)
class Share:
    """`hits` of `n` that were looked at; the share and its 95% interval count each by its weight."""

    hits: int = 0
    n: int = 0
    share: float = 0.0
    low: float = 0.0
    high: float = 1.0

    @property
    def is_enough(self) -> bool:
        return self.n >= ENOUGH

    @classmethod
    def of(cls, found: Iterable[tuple[bool, float]]) -> "Share":
        """From whether each one hit, and its weight.

        The interval is Wilson's, for as many equal ones as tell as much as these (L. Kish, 1965).
        """
        counted = list(found)
        total = sum(weight for _, weight in counted)
        if not total:
            return cls()
        share = sum(weight for hit, weight in counted if hit) / total
        worth = total**2 / sum(weight**2 for _, weight in counted)
        return cls(sum(hit for hit, _ in counted), len(counted), share, *wilson(share * worth, worth))


@dataclass(frozen=True)
class Side:
    """What one set of rules would have done.

    About `come` runs and cases go to people; `handed_off` is of all runs, `audits` how many of the others
    would have been drawn. `caught` is of the errors that audits found, `wrong` of the audited runs that
    nobody would have been asked about, `missed` of all audited runs: wrong, and nobody asked. `by_rule` says
    about how many each rule asks for.
    """

    come: float
    handed_off: float | None
    audits: float
    caught: Share
    wrong: Share
    missed: Share
    by_rule: Mapping[RuleName, float]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"by_rule": [[*name, about] for name, about in self.by_rule.items()]}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Side":
        """What `as_json` gave."""
        shares = {name: Share(**kept[name]) for name in ("caught", "wrong", "missed")}
        by_rule = {(Code(code), subject): about for code, subject, about in kept["by_rule"]}
        return cls(**(dict(kept) | shares | {"by_rule": by_rule}))


@dataclass(frozen=True)
class Work:
    """What `n` cases and audits took people, each on average: `seconds`, and what these cost in `dollars`.

    Times that are to be added up go by the mean: the median hides the few that take the longest.
    """

    n: int
    seconds: float | None
    dollars: float | None

    @classmethod
    def of(cls, rows: Iterable[Seen]) -> "Work":
        """From those that a person decided; too few say nothing."""
        handled = [(seen.seconds, seen.hourly) for seen in rows if seen.seconds is not None]
        paid = [seconds / 3600 * hourly for seconds, hourly in handled if hourly is not None]
        enough = len(handled) >= ENOUGH
        return cls(
            n=len(handled),
            seconds=fmean(seconds for seconds, _ in handled) if enough else None,
            dollars=fmean(paid) if enough and paid else None,
        )


_UNKNOWN = {"n": 0, "seconds": None, "dollars": None}


@dataclass(frozen=True)
class Outcome:
    """Both sides, and what differs: about so many runs and cases `more` and `fewer` come to people.

    `kept` is of the cases with an error that would still come; about `lost` errors would not. `needless` is
    of the decided cases that would not come, where the agent was right. `decided` audits were found right or
    wrong.
    """

    now: Side
    draft: Side
    more: float
    fewer: float
    kept: Share
    lost: float
    needless: Share
    decided: int
    work: Work

    @property
    def seconds(self) -> float | None:
        """How much more of people's time the draft takes, its audits included."""
        return None if self.work.seconds is None else self._added * self.work.seconds

    @property
    def dollars(self) -> float | None:
        """What that costs."""
        return None if self.work.dollars is None else self._added * self.work.dollars

    @property
    def _added(self) -> float:
        return self.more - self.fewer + self.draft.audits - self.now.audits

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"now": self.now.as_json(), "draft": self.draft.as_json()}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Outcome":
        """What `as_json` gave."""
        sides = {name: Side.of_json(kept[name]) for name in ("now", "draft")}
        shares = {name: Share(**kept[name]) for name in ("kept", "needless")}
        told = {name: value for name, value in kept.items() if name != "people"}
        # Replays of old kept a median in its place, which nothing is shown of.
        return cls(**(told | sides | shares | {"work": Work(**kept.get("work", _UNKNOWN))}))


@dataclass(frozen=True)
class Asked:
    """One run or case, and what each set of rules names as a reason for a person."""

    seen: Seen
    now: frozenset[RuleName]
    draft: frozenset[RuleName]

    @property
    def is_spared(self) -> bool:
        return bool(self.now) and not self.draft


def compare(now: Rules, draft: Rules, evidence: Evidence) -> Outcome:
    """What the draft would have done in place of the rules in force."""
    runs, cases, audits = (
        asked(now, draft, rows) for rows in (evidence.runs.rows, evidence.cases.rows, evidence.audits)
    )
    of_runs, of_cases = evidence.runs.weight, evidence.cases.weight
    spared = [one for one in cases if one.is_spared]
    is_wrong = [one for one in cases if one.seen.was_wrong]
    judged = [one for one in audits if one.seen.was_wrong is not None]
    kinds = (runs, cases, judged)
    return Outcome(
        now=_side(now, evidence, [[one.now for one in kind] for kind in kinds], judged, 0),
        draft=_side(draft, evidence, [[one.draft for one in kind] for kind in kinds], judged, len(spared)),
        more=of_runs * sum(bool(one.draft) and not one.now for one in runs),
        fewer=of_runs * sum(one.is_spared for one in runs) + of_cases * len(spared),
        kept=Share.of((not one.is_spared, 1.0) for one in is_wrong),
        lost=of_cases * sum(one.is_spared for one in is_wrong),
        needless=Share.of((not one.seen.was_wrong, 1.0) for one in spared if one.seen.was_wrong is not None),
        decided=len(judged),
        work=Work.of([*evidence.cases.rows, *evidence.audits]),
    )


def asked(now: Rules, draft: Rules, rows: Iterable[Seen]) -> list[Asked]:
    """What both sets of rules say to each."""
    return [Asked(seen, _names(now, seen), _names(draft, seen)) for seen in rows]


def _names(rules: Rules, seen: Seen) -> frozenset[RuleName]:
    return frozenset(
        (finding.code, finding.subject if finding.code == Code.BUDGET else "")
        for finding in reasons(rules, seen.signals)
    )


def _side(
    rules: Rules,
    evidence: Evidence,
    names: Sequence[Sequence[frozenset[RuleName]]],
    judged: Sequence[Asked],
    spared: int,
) -> Side:
    """`names` are what the rules name of runs, cases and judged audits; `spared` cases do not come."""
    runs, cases, audits = names
    of_runs, of_cases = evidence.runs.weight, evidence.cases.weight
    total = evidence.runs.total + evidence.cases.total
    of_rules = of_runs * sum(map(bool, runs))
    come = of_rules + evidence.cases.total - of_cases * spared
    by_rule: dict[RuleName, float] = defaultdict(float)
    for rows, weight in ((runs, of_runs), (cases, of_cases)):
        for name in (name for row in rows for name in row):
            by_rule[name] += weight
    found = [(one.seen, bool(row)) for one, row in zip(judged, audits, strict=True)]
    return Side(
        come=come,
        handed_off=come / total if total >= ENOUGH else None,
        audits=rules.get("audit_rate", 0) * (evidence.runs.total - of_rules),
        caught=Share.of((is_asked, seen.weight) for seen, is_asked in found if seen.was_wrong),
        wrong=Share.of((bool(seen.was_wrong), seen.weight) for seen, is_asked in found if not is_asked),
        missed=Share.of((bool(seen.was_wrong) and not is_asked, seen.weight) for seen, is_asked in found),
        by_rule=dict(by_rule),
    )
