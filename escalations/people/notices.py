"""What the desk tells people by itself. Transitions tell of what they do (`transitions.giving.tell`).

The words are kept in English, filled in, and shown in the language of whoever reads them (`shown`). After
them and a colon comes what is nobody's to translate: the headline of the case, or what somebody wrote.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext, gettext_noop

from escalations.models import AlertKind, Clock, Escalation, Notice, NoticeKind, Operator
from escalations.models.people import SUPERVISORS, Role
from escalations.signals import tell_desk_changed

MENTIONED = gettext_noop("%(person)s mentioned you")
GIVEN = gettext_noop("%(person)s gave you a case")
PASSED_ON = gettext_noop("%(person)s passed a case on to you")
TAKEN_OVER = gettext_noop("%(person)s took over your case")
NEWS = gettext_noop("A case that you put aside has news")
USER_WROTE = gettext_noop("The user wrote")
WOKEN = gettext_noop("The time of a case that you snoozed has come")
NO_REPLY = gettext_noop("No reply came in time")
TOO_LATE = gettext_noop("The agent did not carry out what you decided: it came too late")
NOBODY = gettext_noop("Nobody who is there can take a case in %(queue)s")
SET_AWAY = gettext_noop(
    "You missed two offers, so you were set away. Set yourself available to be offered cases again."
)
WEBHOOK_GONE = gettext_noop(
    "Webhooks of %(agent)s to %(host)s were turned off: the receiver says that it is gone. "
    "Turn them on again in the settings when it is back."
)
WEBHOOK_FAILING = gettext_noop(
    "Webhooks of %(agent)s to %(host)s were turned off: they failed for five days. "
    "Turn them on again in the settings when the receiver works."
)
AUDIT_FLAW = gettext_noop("The check of the audit log found entries or seals that were changed")
_INFEASIBLE = gettext_noop("Cannot be decided before it expires")
_BREACHED = {
    "pickup": gettext_noop("Nobody took it in time"),
    "resolution": gettext_noop("Past due"),
    "response": gettext_noop("The user waits too long for an answer"),
}
# By clock and percent. Whoever holds the case is told of each, supervisors of the last.
_WARNED: Mapping[tuple[str, int], str] = {
    (Clock.PICKUP, 90): gettext_noop("Nobody took it yet, and a tenth of the time for that is left"),
    (Clock.RESOLUTION, 75): gettext_noop("A quarter of the time to decide it is left"),
    (Clock.RESOLUTION, 90): gettext_noop("A tenth of the time to decide it is left"),
}
# What a rule measured, of which queue or agent (* for all), and what would be too much.
ALERTED: Mapping[str, str] = {
    AlertKind.SERVICE_LEVEL: gettext_noop("Service level (%(scope)s): %(value)s, less than %(limit)s"),
    AlertKind.OLDEST_CASE: gettext_noop("Oldest case (%(scope)s): %(value)s, more than %(limit)s"),
    AlertKind.NO_ELIGIBLE: gettext_noop(
        "Nobody there may take a case (%(scope)s): it waits for %(value)s, limit %(limit)s"
    ),
    AlertKind.ESCALATION_RATE: gettext_noop(
        "Escalation rate (%(scope)s): %(value)s of its baseline, limit %(limit)s"
    ),
    AlertKind.CALIBRATION: gettext_noop("Calibration (%(scope)s): Brier score %(value)s, limit %(limit)s"),
    AlertKind.OVERRIDE: gettext_noop("Override rate (%(scope)s): %(value)s, more than %(limit)s"),
    AlertKind.FAILURE_SPIKE: gettext_noop(
        "Failure mode (%(scope)s): %(detail)s %(value)s of its baseline, limit %(limit)s"
    ),
    AlertKind.COST: gettext_noop("Cost per resolved case (%(scope)s): %(value)s, more than %(limit)s"),
    AlertKind.DELIVERY: gettext_noop("Webhooks that fail (%(scope)s): %(value)s, more than %(limit)s"),
    AlertKind.AUDIT_BACKLOG: gettext_noop("Audits left lying (%(scope)s): %(value)s, more than %(limit)s"),
}
_LAST_WARNING = 90
# The headline of the case follows.
INFEASIBLE = f"{_INFEASIBLE}: "
BREACHED = {clock: f"{words}: " for clock, words in _BREACHED.items()}

OF_KIND: Mapping[str, tuple[str, ...]] = {
    NoticeKind.MENTION: (MENTIONED,),
    NoticeKind.AT_RISK: tuple(_WARNED.values()),
    NoticeKind.BREACHED: tuple(_BREACHED.values()),
    NoticeKind.UNROUTABLE: (NOBODY,),
    NoticeKind.INFEASIBLE: (_INFEASIBLE,),
    NoticeKind.ASSIGNED: (GIVEN, PASSED_ON),
    NoticeKind.TAKEN: (TAKEN_OVER,),
    NoticeKind.SET_AWAY: (SET_AWAY,),
    NoticeKind.USER_WROTE: (USER_WROTE,),
    NoticeKind.WOKEN: (WOKEN,),
    NoticeKind.REPLY: (NEWS, NO_REPLY),
    NoticeKind.TOO_LATE: (TOO_LATE,),
    NoticeKind.WEBHOOK_OFF: (WEBHOOK_GONE, WEBHOOK_FAILING),
    NoticeKind.ALERT: tuple(ALERTED.values()),
    NoticeKind.AUDIT_FLAW: (AUDIT_FLAW,),
}

# What whoever opens the case has read by that.
READ_BY_OPENING = (
    NoticeKind.USER_WROTE,
    NoticeKind.WOKEN,
    NoticeKind.REPLY,
    NoticeKind.ASSIGNED,
    NoticeKind.AT_RISK,
    NoticeKind.TOO_LATE,
)


def supervisors() -> QuerySet[Operator]:
    """Whoever is told what goes wrong: active reviewers and admins."""
    return Operator.objects.filter(role__in=SUPERVISORS, is_active=True)


def tell_admins(kind: NoticeKind, text: str) -> None:
    """Leave a notice about the desk itself, of no case, for everybody who may set it up."""
    admins = Operator.objects.filter(role=Role.ADMIN, is_active=True)
    Notice.objects.bulk_create(Notice(operator=one, kind=kind, text=text[:300]) for one in admins)
    transaction.on_commit(tell_desk_changed)


def page(told: Iterable[tuple[Escalation, NoticeKind, str]]) -> None:
    """Leave each notice, made of case, kind and words before the headline, for every supervisor."""
    pages = list(told)
    people = list(supervisors()) if pages else []
    for case, kind, words in pages:
        _leave(people, case, kind, words)


def warn(case: Escalation, clock: str, percent: int) -> None:
    """Tell those whom it concerns how little time is left of a clock; needs the holder and `is_held`."""
    words = _WARNED.get((clock, percent))
    if words is None:
        return
    people = set(supervisors()) if percent == _LAST_WARNING else set()
    if case.is_held and case.holder:
        people.add(case.holder)
    _leave(people, case, NoticeKind.AT_RISK, f"{words}: ")


def _leave(people: Collection[Operator], case: Escalation, kind: NoticeKind, words: str) -> None:
    """One notice for each, which stands for earlier warnings about the case."""
    earlier = Notice.objects.filter(case=case, kind=NoticeKind.AT_RISK, read_at=None, operator__in=people)
    earlier.update(read_at=Now())
    text = f"{words}{case.headline}"[:300]
    Notice.objects.bulk_create(Notice(operator=one, case=case, kind=kind, text=text) for one in people)


def shown(notice: Notice) -> str:
    """The notice in the language of whoever reads it, as far as its words are ours."""
    if apart := taken_apart(notice):
        words, values, rest = apart
        return f"{gettext(words) % values}{rest}"
    return notice.text


def taken_apart(notice: Notice) -> tuple[str, dict[str, str], str] | None:
    """Our words, what fills their gaps, and what follows them; nothing if the notice is in other words."""
    for words in OF_KIND.get(notice.kind, ()):  # while a new release starts, a kind may be unknown
        if found := _pattern(words).fullmatch(notice.text):
            values = found.groupdict()
            rest = values.pop("rest") or ""
            return words, values, rest
    return None


@cache
def _pattern(words: str) -> re.Pattern[str]:
    """What fits the words with anything in their gaps, and perhaps a colon and more."""
    with_gaps = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", re.escape(words))
    return re.compile(rf"{with_gaps}(?P<rest>: .*)?", re.DOTALL)
