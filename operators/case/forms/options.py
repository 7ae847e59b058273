"""The decisions as a person chooses them: their keys, and what each of them means for a case."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models import Decision, Kind

_KEYS = {
    Decision.APPROVE: "a",
    Decision.EDIT: "e",
    Decision.REJECT: "d",
    Decision.RESPOND: "w",
    Decision.TAKEOVER: "t",
    Decision.CANCEL: "x",
}
# Where one goes on typing once it is chosen by its key, as a selector of the page.
_THEN = {
    Decision.EDIT: "[data-for=edit] textarea",
    Decision.REJECT: "#message",
    Decision.RESPOND: "[data-for=respond] :is(input, textarea, select), #message",
    Decision.TAKEOVER: "#say",
}
_HINTS = {
    Decision.APPROVE: gettext_lazy("as proposed"),
    Decision.EDIT: gettext_lazy("change the arguments"),
    Decision.REJECT: gettext_lazy("with a reason for the agent"),
    Decision.RESPOND: gettext_lazy("in your own words"),
    Decision.TAKEOVER: gettext_lazy("talk to the customer"),
    Decision.CANCEL: gettext_lazy("nothing more to do"),
}
# Of what the agent did already, nothing is proposed and nobody is written to.
_HINTS_OF_AUDITS = {
    Decision.APPROVE: gettext_lazy("it was right"),
    Decision.EDIT: gettext_lazy("correct what it did"),
    Decision.REJECT: gettext_lazy("it was wrong: say why"),
    Decision.RESPOND: gettext_lazy("say what would have been right"),
}


def rows(
    options: Iterable[Decision], *, kind: str, edits_a_draft: bool, has_fields: bool
) -> list[dict[str, str]]:
    """Value, label, key, hint and next place of each option.

    `has_fields`: the agent asks for an answer by a schema.
    """
    hints = {option: str(hint) for option, hint in _HINTS.items()}
    if edits_a_draft:
        hints[Decision.EDIT] = _("change the words")
    if kind == Kind.TAKEOVER:
        hints[Decision.TAKEOVER] = _("talk to the customer, then hand back")
    if has_fields:
        hints[Decision.RESPOND] = _("fill in what the agent asks for")
    if kind == Kind.REVIEW:
        hints |= {option: str(hint) for option, hint in _HINTS_OF_AUDITS.items()}
    return [
        {
            "value": option.value,
            "label": str(option.label),
            "key": _KEYS[option],
            "hint": hints[option],
            "then": _THEN.get(option, ""),
        }
        for option in options
    ]
