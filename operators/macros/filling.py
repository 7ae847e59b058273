"""Macros: a decision in one step, its words with variables that the case fills in.

A macro only fills the decision form; a person sends it. What a variable has no value for stays marked in the
text, and a decision with such a mark is refused.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models import (
    AgentCorrect,
    Decision,
    Disposition,
    Escalation,
    FailureMode,
    Operator,
    Responsible,
)
from escalations.transitions import decisions
from operators import keymap
from operators.models import Macro
from operators.rendering.formatting import small

# Letters and digits that no control of the pages has by default.
KEYS = "567890hlv"
TEXTS = ("message", "note")
LABELS = ("responsible", "escalation_needed", "deterministic_rule")
FIELDS = ("decision", "agent_correct", "failure_primary", "disposition", *LABELS, *TEXTS)
VARIABLES = {
    "customer": gettext_lazy("the customer’s name, where the agent knows it"),
    "agent": gettext_lazy("the agent’s name"),
    "case.headline": gettext_lazy("what the case asks"),
    "argument.name": gettext_lazy("an argument of the proposed action, by its name"),
    "me": gettext_lazy("your name"),
}
_SHOWN = 200
_VARIABLE = re.compile(r"\{([A-Za-z_][\w.-]{0,60})\}")
_ARGUMENT = re.compile(r"argument\.[\w-]+")
_MARK = re.compile(r"\[(customer|agent|case\.headline|argument\.[\w-]+|me)\?\]")
_VALUE_LENGTH = 200
_CUSTOMER_KEYS = ("customer", "customer_name", "user_name", "name")


@dataclass(frozen=True)
class Filled:
    """A macro with the values of one case: what it puts into which field of the form."""

    macro: Macro
    fields: Mapping[str, str]

    @property
    def choices(self) -> list[str]:
        """What it chooses, in words."""
        return [
            labels[self.fields[name]] for name, labels in _labels().items() if self.fields.get(name) in labels
        ]

    @property
    def missing(self) -> list[str]:
        """What a person has to fill in."""
        return unfilled(*(self.fields.get(name, "") for name in TEXTS))


def usable_by(operator: Operator) -> QuerySet[Macro]:
    """The shared macros and the person's own."""
    return Macro.objects.filter(Q(owner=None) | Q(owner=operator)).order_by("name", "id")


def fitting(operator: Operator, case: Escalation) -> list[Filled]:
    """The macros for a case, filled. Of two with one key, the person's own has it.

    A key that the person has chosen for something else stays what they chose.
    """
    payload = case.handoff.payload
    allowed = {*decisions.allowed(case.kind, payload), None, ""}
    values = values_of(case, payload, operator)
    found = [
        macro
        for macro in usable_by(operator)[:_SHOWN]
        if (not macro.kinds or case.kind in macro.kinds) and macro.fields.get("decision") in allowed
    ]
    own_keys = {macro.key for macro in found if macro.owner_id}
    for macro in found:
        if keymap.on_case(operator.keymap, macro.key) or (not macro.owner_id and macro.key in own_keys):
            macro.key = ""
    return [fill(macro, values) for macro in found]


def fill(macro: Macro, values: Mapping[str, str]) -> Filled:
    """The fields of `macro`, its texts with `values` in the place of variables."""
    texts = {name: _with_values(macro.fields.get(name, ""), values) for name in TEXTS}
    return Filled(macro, {name: value for name, value in (macro.fields | texts).items() if value})


def values_of(case: Escalation, payload: Mapping[str, Any], operator: Operator) -> dict[str, str]:
    """What the variables stand for in a case; left out where nothing is known."""
    context = payload.get("context") or {}
    actions = payload.get("pending_actions") or [{}]
    arguments = decisions.as_object(actions[0].get("arguments") or {})
    values = {
        "customer": _customer(context.get("facts") or {}, payload.get("metadata") or {}),
        "agent": case.agent_version.agent.name,
        "case.headline": case.headline,
        "me": str(operator),
    }
    if isinstance(arguments, dict):
        values |= {f"argument.{name}": _plain(value) for name, value in arguments.items()}
    return {name: value for name, value in values.items() if value}


def unknown_variables(text: str) -> list[str]:
    """The words in braces that are no variable."""
    names = dict.fromkeys(_VARIABLE.findall(text))
    return [name for name in names if name not in VARIABLES and not _ARGUMENT.fullmatch(name)]


def unfilled(*texts: str) -> list[str]:
    """The marks that a macro has left for a person to fill in."""
    return list(dict.fromkeys(match[0] for text in texts for match in _MARK.finditer(text)))


def may_change(operator: Operator, macro: Macro) -> bool:
    """Everybody may change their own; the shared ones are the reviewers' and admins'."""
    return macro.owner_id == operator.pk if macro.owner_id else may_share(operator)


def may_share(operator: Operator) -> bool:
    return operator.sees_figures


def _with_values(text: str, values: Mapping[str, str]) -> str:
    # One pass: what a customer wrote is never read as a variable.
    return _VARIABLE.sub(lambda match: _value(match, values), text)


def _value(match: re.Match[str], values: Mapping[str, str]) -> str:
    name = match[1]
    if name in values:
        return values[name]
    is_known = name in VARIABLES or _ARGUMENT.fullmatch(name)
    return f"[{name}?]" if is_known else match[0]


def _customer(*places: Mapping[str, Any]) -> str:
    found: Iterable[Any] = (place.get(key) for key in _CUSTOMER_KEYS for place in places)
    return next((value for value in map(_plain, found) if value), "")


def _plain(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).split())[:_VALUE_LENGTH]


def by_owner(operator: Operator) -> tuple[Sequence[Macro], Sequence[Macro]]:
    """The person's own macros, and the shared ones."""
    macros = list(usable_by(operator)[:_SHOWN])
    return [one for one in macros if one.owner_id], [one for one in macros if not one.owner_id]


def _labels() -> dict[str, dict[str, str]]:
    """What each choice of a macro is called, in the language that is read now."""
    return {
        "decision": {value: str(label) for value, label in Decision.choices},
        "agent_correct": {
            value: _("agent was right: %(answer)s") % {"answer": small(label)}
            for value, label in AgentCorrect.choices
        },
        "failure_primary": {value: small(label) for value, label in FailureMode.choices},
        "disposition": {value: str(label) for value, label in Disposition.choices},
        "responsible": {
            value: _("at fault: %(who)s") % {"who": small(label)} for value, label in Responsible.choices
        },
        "escalation_needed": {"yes": _("a person was needed"), "no": _("no person was needed")},
    }
