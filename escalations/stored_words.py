"""Reasons that the desk itself writes where people may write their own.

They are kept in English and shown in the language of whoever reads them; what people wrote stays as it is.
"""

from django.utils.translation import gettext, gettext_noop

# Reviewers and admins start so: who looks on takes no offer before they choose to.
WATCHING = gettext_noop("Only watching")
MISSED_OFFERS = gettext_noop("Missed two offers")
NO_REASON = gettext_noop("No reason given")
DECLINED = {
    "skill": gettext_noop("Not my skill"),
    "conflict": gettext_noop("Conflict of interest"),
    "busy": gettext_noop("Busy"),
}
_OURS = {WATCHING, MISSED_OFFERS, NO_REASON, *DECLINED.values()}


def shown(words: str) -> str:
    """`words` as they are, or translated if they are ours."""
    return gettext(words) if words in _OURS else words
