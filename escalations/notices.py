"""What the desk tells people by itself. Transitions tell of what they do (`transitions.giving.tell`).

The words are kept in English, filled in, and shown in the language of whoever reads them (`shown`). After
them and a colon comes what is nobody's to translate: the headline of the case, or what somebody wrote.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from django.utils.translation import gettext, gettext_noop

from escalations.models import Escalation, Notice, NoticeKind, Operator, Role

MENTIONED = gettext_noop("%(person)s mentioned you")
GIVEN = gettext_noop("%(person)s gave you a case")
PASSED_ON = gettext_noop("%(person)s passed a case on to you")
TAKEN_OVER = gettext_noop("%(person)s took over your case")
NEWS = gettext_noop("A case that you put aside has news")
USER_WROTE = gettext_noop("The user wrote")
WOKEN = gettext_noop("The time of a case that you snoozed has come")
NO_REPLY = gettext_noop("No reply came in time")
NOBODY = gettext_noop("Nobody who is there can take a case in %(queue)s")
SET_AWAY = gettext_noop(
    "You missed two offers, so you were set away. Set yourself available to be offered cases again."
)
_INFEASIBLE = gettext_noop("Cannot be decided before it expires")
_BREACHED = {
    "pickup": gettext_noop("Nobody took it in time"),
    "resolution": gettext_noop("Past due"),
    "response": gettext_noop("The user waits too long for an answer"),
}
# The headline of the case follows.
INFEASIBLE = f"{_INFEASIBLE}: "
BREACHED = {clock: f"{words}: " for clock, words in _BREACHED.items()}

OF_KIND: Mapping[str, tuple[str, ...]] = {
    NoticeKind.MENTION: (MENTIONED,),
    NoticeKind.BREACHED: tuple(_BREACHED.values()),
    NoticeKind.UNROUTABLE: (NOBODY,),
    NoticeKind.INFEASIBLE: (_INFEASIBLE,),
    NoticeKind.ASSIGNED: (GIVEN, PASSED_ON),
    NoticeKind.TAKEN: (TAKEN_OVER,),
    NoticeKind.SET_AWAY: (SET_AWAY,),
    NoticeKind.USER_WROTE: (USER_WROTE,),
    NoticeKind.WOKEN: (WOKEN,),
    NoticeKind.REPLY: (NEWS, NO_REPLY),
}

# What whoever opens the case has read by that.
READ_BY_OPENING = (NoticeKind.USER_WROTE, NoticeKind.WOKEN, NoticeKind.REPLY, NoticeKind.ASSIGNED)


def page_admins(notices: Iterable[tuple[Escalation, NoticeKind, str]]) -> None:
    """Leave each notice, made of case, kind and words before the headline, for every active admin."""
    told = list(notices)
    if not told:
        return
    admins = list(Operator.objects.filter(role=Role.ADMIN, is_active=True))
    Notice.objects.bulk_create(
        Notice(operator=admin, case=case, kind=kind, text=f"{words}{case.headline}"[:300])
        for case, kind, words in told
        for admin in admins
    )


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
