"""The runs, cases and audits of a replay of a policy, one by one: what each figure of it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy

from escalations.models import Escalation, PolicyReplay, PolicyReplayRows, Run
from escalations.policy.policies import Code
from escalations.replay import asked
from escalations.replay.asked import AUDIT, CASE, COUNTS, RUN, LookedAt, Under
from operators.policy import trial_words as words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE = 50
UNDER_TITLES: Mapping[Under, "StrOrPromise"] = {
    Under.RECORDED: gettext_lazy("As recorded"),
    Under.IN_FORCE: gettext_lazy("Rules in force"),
    Under.TRIED: gettext_lazy("Rules tried"),
}
_TITLES: Mapping[str, "StrOrPromise"] = {
    "come": gettext_lazy("Handed off to a person"),
    "left": gettext_lazy("Left to the agent"),
    "more": gettext_lazy("More runs for people"),
    "fewer": gettext_lazy("Fewer runs and cases for people"),
    "errors_in_cases": gettext_lazy("Errors caught in cases"),
    "errors_in_runs": gettext_lazy("Errors caught in runs"),
    "missed": gettext_lazy("Errors missed"),
    "audits": gettext_lazy("Runs drawn for an audit"),
    "undrawn": gettext_lazy("Runs that audits would be drawn from"),
    "worked": gettext_lazy("Cases and audits that people’s time is reckoned by"),
}
_KINDS: Mapping[str, "StrOrPromise"] = {
    CASE: gettext_lazy("Case"),
    RUN: gettext_lazy("Run"),
    AUDIT: gettext_lazy("Audit"),
}


@dataclass(frozen=True)
class Row:
    """One of them. Of what is forgotten by now there is no `name`."""

    kind: str
    name: str
    case_id: UUID | None
    at: datetime | None
    confidence: float | None
    now: str
    draft: str
    was_wrong: bool | None
    seconds: float | None


@dataclass(frozen=True)
class Listed:
    """A page of them; `n` are all that were looked at and are counted, `passed` come before this page."""

    title: str
    rows: Sequence[Row]
    n: int
    passed: int

    @property
    def seen(self) -> int:
        return self.passed + len(self.rows)


def listed(
    replay: PolicyReplay, *, under: str, figure: str, rule: str, subject: str, passed: int
) -> Listed | None:
    """What a figure counts, or a rule asks for; None where nothing of that is kept."""
    kept = PolicyReplayRows.objects.filter(replay=replay).first()
    if kept is None or under not in tuple(Under):
        return None
    looked_at = asked.unpacked(kept.rows)
    if figure in COUNTS:
        title, chosen = str(_TITLES[figure]), asked.counted(looked_at, figure, Under(under))
    elif rule in tuple(Code):
        name = (Code(rule), subject)
        chosen = asked.named_by(looked_at, name, Under(under))
        title = words.rule(name) if chosen else ""
    else:
        return None
    page = chosen[passed : passed + PAGE]
    return Listed(title, _rows(page), len(chosen), passed)


def _rows(page: Sequence[LookedAt]) -> list[Row]:
    of_runs = [UUID(one.id) for one in page if one.kind == RUN]
    runs = Run.objects.in_bulk(of_runs)
    cases = Escalation.objects.in_bulk([UUID(one.id) for one in page if one.kind != RUN])
    return [_row(one, runs.get(UUID(one.id)), cases.get(UUID(one.id))) for one in page]


def _row(one: LookedAt, run: Run | None, case: Escalation | None) -> Row:
    return Row(
        kind=str(_KINDS[one.kind]),
        name=run.run_id if run else case.headline if case else "",
        case_id=run.case_id if run else case.pk if case else None,
        at=run.finished_at if run else case.received_at if case else None,
        confidence=run.confidence if run else case.confidence if case else None,
        now=_named(one, Under.IN_FORCE),
        draft=_named(one, Under.TRIED),
        was_wrong=one.was_wrong,
        seconds=one.seconds,
    )


def _named(one: LookedAt, under: Under) -> str:
    return ", ".join(words.rule(name) for name in sorted(one.named(under)))
