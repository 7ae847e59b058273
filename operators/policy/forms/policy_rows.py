"""The rows of a policy's form: thresholds by category, and tools with the conditions on their arguments.

A row with nothing in it is none, so that an empty one may always stand ready.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.policy import rules
from operators.policy.forms import policy_values

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

OPS: dict[str, "StrOrPromise"] = {
    ">": gettext_lazy("is over"),
    ">=": gettext_lazy("is at least"),
    "<": gettext_lazy("is under"),
    "<=": gettext_lazy("is at most"),
    "=": gettext_lazy("is"),
    "!=": gettext_lazy("is not"),
    "in": gettext_lazy("is one of"),
    "contains": gettext_lazy("contains"),
}
# All that belongs to tools has this name: a mark says what the values after it are, so that rows which a
# script adds or removes need no numbers.
PART = "tool-part"
_TOOL, _WHEN = "tool", "when"


@dataclass
class Threshold:
    """Of one category, or of all others (`*`)."""

    category: str = ""
    threshold: str = ""
    errors: list[str] = field(default_factory=list)


@dataclass
class Condition:
    """On one argument of a tool."""

    argument: str = ""
    op: str = ">"
    value: str = ""
    errors: list[str] = field(default_factory=list)


@dataclass
class Tool:
    """A tool that needs approval: always, or when all conditions hold."""

    name: str = ""
    conditions: list[Condition] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


# What a row that is added starts as.
EMPTY = {"threshold": Threshold(), "tool": Tool(), "condition": Condition()}


def thresholds_of(kept: Mapping[str, Any]) -> list[Threshold]:
    """The rows of the rules as they are kept."""
    return [Threshold(name, policy_values.shown(value)) for name, value in kept.get("confidence", {}).items()]


def thresholds_typed(data: MultiValueDict[str, str]) -> list[Threshold]:
    """The rows as they were typed."""
    names, values = data.getlist("confidence-category"), data.getlist("confidence-threshold")
    pairs = zip(names, values, strict=False)
    return [Threshold(name.strip(), value.strip()) for name, value in pairs if name.strip() or value.strip()]


def read_thresholds(rows: Iterable[Threshold]) -> dict[str, float]:
    """What the rows say. What is wrong with one is added to its errors."""
    read: dict[str, float] = {}
    for row in rows:
        row.errors += _name_faults(row.category, _("Name the category, or write * for all others."))
        if row.category in read:
            row.errors.append(_("“%(name)s” stands there twice.") % {"name": row.category})
        value = policy_values.number(row.threshold)
        if value is None or not 0 <= value <= 1:
            row.errors.append(_("A threshold is a number from 0 to 1."))
        read[row.category] = value or 0
    return read


def tools_of(kept: Mapping[str, Any]) -> list[Tool]:
    """The rows of the rules as they are kept."""
    listed = kept.get("approve_tools", [])
    return [Tool(one) if isinstance(one, str) else _tool_of(one) for one in listed]


def tools_typed(data: MultiValueDict[str, str]) -> list[Tool]:
    """The rows as they were typed."""
    parts = iter(data.getlist(PART))
    found: list[Tool] = []
    for mark in parts:
        if mark == _TOOL:
            found.append(Tool(next(parts, "").strip()))
        elif mark == _WHEN and found:
            typed = Condition(next(parts, "").strip(), next(parts, ""), next(parts, "").strip())
            if typed.argument or typed.value:
                found[-1].conditions.append(typed)
    return [tool for tool in found if tool.name or tool.conditions]


def read_tools(rows: Iterable[Tool]) -> list[Any]:
    """What the rows say. What is wrong with one is added to its errors."""
    read: list[Any] = []
    for row in rows:
        row.errors += _name_faults(row.name, _("Name the tool."))
        if len(row.conditions) > rules.CONDITIONS_MAX:
            most = {"count": rules.CONDITIONS_MAX}
            row.errors.append(_("A tool has at most %(count)s conditions. Add a second row for it.") % most)
        when = [_read_condition(condition) for condition in row.conditions]
        read.append({"name": row.name, "when": when} if when else row.name)
    return read


def _tool_of(kept: Mapping[str, Any]) -> Tool:
    when = kept.get("when", [])
    return Tool(
        kept["name"],
        [Condition(one["argument"], one["op"], policy_values.shown(one["value"])) for one in when],
    )


def _read_condition(row: Condition) -> dict[str, Any]:
    row.errors += _name_faults(row.argument, _("Name the argument."))
    value: Any = policy_values.read(row.value)
    if row.op not in OPS:
        row.errors.append(_("There is no such comparison."))
    elif not row.value:
        row.errors.append(_("Say what to compare it with."))
    elif row.op in rules.IN_ORDER:
        value = policy_values.number(row.value)
        if value is None:
            row.errors.append(_("“%(text)s” is no number.") % {"text": row.value[:40]})
    elif row.op == "in":
        value = policy_values.read_list(row.value)
    row.errors += _value_faults(value)
    return {"argument": row.argument, "op": row.op, "value": value}


def _value_faults(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    if len(listed) > rules.ITEMS_MAX:
        return [_("At most %(count)s values fit.") % {"count": rules.ITEMS_MAX}]
    return [fault for one in listed if isinstance(one, str) for fault in _text_faults(one)][:1]


def _name_faults(name: str, missing: str) -> list[str]:
    return _text_faults(name) if name else [missing]


def _text_faults(text: str) -> list[str]:
    if "\0" in text:
        return [_("The character U+0000 cannot be kept.")]
    if len(text) > rules.NAME_MAX:
        return [_("At most %(count)s characters fit.") % {"count": rules.NAME_MAX}]
    return []
