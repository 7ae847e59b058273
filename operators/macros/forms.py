"""A macro as a person writes it."""

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from escalations.models import (
    AgentCorrect,
    Decision,
    Disposition,
    FailureMode,
    Kind,
    Operator,
    Responsible,
)
from operators import keymap
from operators.macros import filling
from operators.models import Macro

_NOTHING = ("", "—")


class MacroForm(forms.Form):
    """The fields of `macro`, or of a new one of `operator`'s."""

    name = forms.CharField(label=_("Name"), max_length=40, error_messages={"required": _("Give it a name.")})
    key = forms.ChoiceField(
        label=_("Key"),
        required=False,
        choices=[("", _("no key")), *zip(filling.KEYS, filling.KEYS, strict=True)],
    )
    is_shared = forms.BooleanField(label=_("Shared: everybody may use it"), required=False)
    kinds = forms.MultipleChoiceField(
        label=pgettext_lazy("kinds of cases", "For"),
        required=False,
        choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    decision = forms.ChoiceField(label=_("Decision"), required=False, choices=[_NOTHING, *Decision.choices])
    message = forms.CharField(label=_("Message"), required=False, max_length=20_000, widget=forms.Textarea)
    agent_correct = forms.ChoiceField(
        label=_("Was the agent right?"), required=False, choices=[_NOTHING, *AgentCorrect.choices]
    )
    failure_primary = forms.ChoiceField(
        label=_("What went wrong"), required=False, choices=[_NOTHING, *FailureMode.choices]
    )
    disposition = forms.ChoiceField(
        label=_("Disposition"), required=False, choices=[("", _("As decided")), *Disposition.choices]
    )
    responsible = forms.ChoiceField(
        label=_("Whose fault it was"), required=False, choices=[_NOTHING, *Responsible.choices]
    )
    escalation_needed = forms.ChoiceField(
        label=_("Was a person needed?"),
        required=False,
        choices=[_NOTHING, ("yes", _("Yes")), ("no", _("No"))],
    )
    deterministic_rule = forms.CharField(
        label=_("Could be code: the rule"), required=False, max_length=20_000, widget=forms.Textarea
    )
    note = forms.CharField(
        label=_("Note, for the desk alone"), required=False, max_length=20_000, widget=forms.Textarea
    )

    def __init__(self, operator: Operator, data: Any = None, *, macro: Macro | None = None) -> None:
        self.operator, self.macro = operator, macro or Macro(owner=operator)
        shown = self.macro.fields | {
            "name": self.macro.name,
            "key": self.macro.key,
            "kinds": self.macro.kinds,
            "is_shared": self.macro.owner_id is None,
        }
        super().__init__(data, initial=shown, auto_id="macro-%s")
        if macro is None and not self.is_bound:
            self.fields["name"].widget.attrs["autofocus"] = True
        if not filling.may_share(operator):
            del self.fields["is_shared"]

    def clean_message(self) -> str:
        return self._checked("message")

    def clean_note(self) -> str:
        return self._checked("note")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(name) for name in filling.FIELDS) and not self.errors:
            self.add_error(None, gettext("It does nothing yet: choose a decision or write a message."))
        owner = None if cleaned.get("is_shared") else self.operator
        others = Macro.objects.filter(owner=owner).exclude(pk=self.macro.pk)
        if others.filter(name=cleaned.get("name")).exists():
            self.add_error("name", gettext("There is a macro of this name already."))
        taken = others.filter(key=cleaned["key"]).first() if cleaned.get("key") else None
        if taken:
            self.add_error("key", gettext("It is the key of “%(macro)s” already.") % {"macro": taken})
        if owner and cleaned.get("key"):
            self._keep_off_own_keys(cleaned["key"])
        return cleaned

    def _keep_off_own_keys(self, key: str) -> None:
        """Refuse a key that the person chose for something else."""
        if action := keymap.on_case(self.operator.keymap, key):
            words = gettext("It is your key of “%(action)s”. Choose another, or change it in Preferences.")
            self.add_error("key", words % {"action": action.label})

    def filled_macro(self) -> Macro:
        """The macro as the form says, not saved; only of a form without errors."""
        cleaned = self.cleaned_data
        macro = self.macro
        macro.owner = None if cleaned.get("is_shared") else self.operator
        macro.name, macro.key, macro.kinds = cleaned["name"], cleaned["key"], cleaned["kinds"]
        macro.fields = {name: cleaned[name] for name in filling.FIELDS if cleaned.get(name)}
        return macro

    def _checked(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        if unknown := filling.unknown_variables(text):
            known = ", ".join(f"{{{variable}}}" for variable in filling.VARIABLES)
            words = gettext("There is no variable {%(unknown)s}. There are: %(known)s.")
            raise forms.ValidationError(words % {"unknown": unknown[0], "known": known})
        return text
