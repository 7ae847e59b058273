"""A policy as a person writes it: its rules in fields and rows, and why they change."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.policy import rules
from escalations.policy.policies import BUDGETS
from operators.fields.lines import LinesField
from operators.labels.forms.numbered import NumberedForm
from operators.policy.forms import policy_rows

_LISTS = ("never", "phrases", "checkpoints")
# Not even one is a budget of its own for these: then each asks for a person.
_MAY_BE_ZERO = ("retries", "tool_failures")
_NOT_RULES = {"note", "based_on"}
_WORD = re.compile(r"\w")
BUDGET_LABELS = {
    "turns": gettext_lazy("Turns"),
    "context_tokens": gettext_lazy("Context, in tokens"),
    "cost_usd": gettext_lazy("Cost, in US dollars"),
    "seconds": gettext_lazy("Time, in seconds"),
    "retries": gettext_lazy("Retries"),
    "tool_failures": gettext_lazy("Failed tool calls"),
}


def _lines(**options: Any) -> LinesField:
    return LinesField(most=rules.ITEMS_MAX, longest=rules.NAME_MAX, rows=3, spellcheck=False, **options)


class PolicyForm(NumberedForm):
    """The rules in `kept`, or those typed. `based_on` is the number of the policy that they change."""

    never = _lines(
        label=gettext_lazy("Categories that are never handled"),
        help_text=gettext_lazy("One a line. A person takes over each run of these."),
    )
    phrases = _lines(
        label=gettext_lazy("Words of the user that call for a person"),
        help_text=gettext_lazy("One word or phrase a line, found as whole words in what the user said last."),
    )
    asks_for_person = forms.BooleanField(
        label=gettext_lazy("Whoever asks for a person gets one"), required=False
    )
    checkpoints = _lines(
        label=gettext_lazy("Checkpoints that must pass"),
        help_text=gettext_lazy("Names of steps, one a line, or * for all of them."),
    )
    audit_percent = forms.DecimalField(
        label=gettext_lazy("Finished runs drawn for an audit, in percent"),
        required=False,
        min_value=0,
        max_value=100,
        max_digits=9,
        help_text=gettext_lazy("People look at these, so that errors of confident runs are found, too."),
    )

    def __init__(
        self,
        data: MultiValueDict[str, str] | None = None,
        *,
        kept: Mapping[str, Any],
        based_on: int,
        note: str = "",
    ) -> None:
        initial = {name: kept.get(name) for name in BUDGETS} | {"based_on": based_on, "note": note}
        initial |= {name: "\n".join(kept.get(name, [])) for name in _LISTS}
        initial["asks_for_person"] = kept.get("asks_for_person", False)
        if (rate := kept.get("audit_rate")) is not None:
            initial["audit_percent"] = f"{(Decimal(str(rate)) * 100).normalize():f}"
        super().__init__(data, initial=initial, auto_id="policy-%s")
        for name in BUDGETS:
            self.fields[name] = forms.FloatField(
                label=BUDGET_LABELS[name], required=False, min_value=0, max_value=rules.AMOUNT_MAX
            )
        if data is None:
            self.thresholds, self.tools = policy_rows.thresholds_of(kept), policy_rows.tools_of(kept)
        else:
            self.thresholds, self.tools = policy_rows.thresholds_typed(data), policy_rows.tools_typed(data)

    @property
    def budgets(self) -> list[forms.BoundField]:
        """The fields for what a run may use."""
        return [self[name] for name in BUDGET_LABELS]

    def clean_phrases(self) -> list[str]:
        phrases: list[str] = self.cleaned_data["phrases"]
        if empty := next((phrase for phrase in phrases if not _WORD.search(phrase)), None):
            raise forms.ValidationError(_("“%(phrase)s” has no letter or digit.") % {"phrase": empty})
        return phrases

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in BUDGETS:
            if cleaned.get(name) == 0 and name not in _MAY_BE_ZERO:
                self.add_error(name, _("Write a number above 0, or leave it empty for no limit."))
        cleaned["confidence"] = policy_rows.read_thresholds(self.thresholds)
        cleaned["approve_tools"] = policy_rows.read_tools(self.tools)
        for rows in (self.thresholds, self.tools):
            if len(rows) > rules.ITEMS_MAX:
                self.add_error(None, _("At most %(count)s rows fit.") % {"count": rules.ITEMS_MAX})
        if self._has_faulty_rows():
            self.add_error(None, _("A row is not complete or not right. It is marked."))
        elif self.rules_are_sound:
            for flaw in rules.flaws(self.rules):
                self.add_error(None, f"{flaw.pointer}: {flaw.detail}")
        return cleaned

    @property
    def rules_are_sound(self) -> bool:
        """Whether nothing is wrong with the rules, whatever is with the rest."""
        return not set(self.errors) - _NOT_RULES

    @property
    def rules(self) -> dict[str, Any]:
        """What the fields say, as a policy keeps it; what is empty is left out."""
        cleaned = self.cleaned_data
        found = {name: cleaned[name] for name in ("confidence", *_LISTS, "approve_tools") if cleaned[name]}
        budgets = {name: cleaned[name] for name in BUDGETS if cleaned[name] is not None}
        found |= {name: int(value) if value == int(value) else value for name, value in budgets.items()}
        if cleaned["asks_for_person"]:
            found["asks_for_person"] = True
        if cleaned["audit_percent"] is not None:
            found["audit_rate"] = float(cleaned["audit_percent"] / 100)
        return found

    def _has_faulty_rows(self) -> bool:
        conditions = [condition for tool in self.tools for condition in tool.conditions]
        faults = [row.errors for row in self.thresholds] + [row.errors for row in self.tools]
        return any(faults + [condition.errors for condition in conditions])
