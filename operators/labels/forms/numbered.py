"""What the labels mean and how to give them, as people write it."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.urls import reverse_lazy
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.labels import guidelines, taxonomy
from escalations.labels.taxonomy.builtin import CODES, MEANINGS
from escalations.models import FailureMode
from operators.fields.lines import LinesField


class NumberedForm(forms.Form):
    """Something that is numbered: why it changes, and the number that is changed (`based_on`)."""

    note = forms.CharField(
        label=gettext_lazy("Why it changes"),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Say in a few words why, for whoever reads the history later.")
        },
    )
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def rebase(self, number: int) -> None:
        """Let what was typed change that number, when it is sent again."""
        typed = cast(MultiValueDict[str, str], self.data)
        self.data = MultiValueDict(dict(typed.lists()) | {"based_on": [str(number)]})


class GuidelineForm(NumberedForm):
    """How to label, as Markdown. `content` is what is changed."""

    text = forms.CharField(
        label=gettext_lazy("How to label"),
        help_text=gettext_lazy("Markdown. It stands beside the labels of each case."),
        max_length=guidelines.TEXT_MAX,
        widget=forms.Textarea(
            attrs={
                "class": "tall",
                "hx-post": reverse_lazy("preview_guideline"),
                "hx-trigger": "input changed delay:400ms",
                "hx-target": "#guideline-read",
                "hx-swap": "outerHTML",
                "hx-sync": "this:replace",
            }
        ),
        error_messages={"required": gettext_lazy("Write how labels are given.")},
    )

    def __init__(
        self,
        data: MultiValueDict[str, str] | None = None,
        *,
        content: str | None = None,
        based_on: int = 0,
        note: str = "",
    ) -> None:
        super().__init__(data, initial={"text": content or "", "based_on": based_on, "note": note})

    @property
    def content(self) -> str:
        """The text, as it is kept."""
        return str(self.cleaned_data["text"])


class TaxonomyForm(NumberedForm):
    """What each failure mode means here, and which codes are offered. `content` is what is changed."""

    codes = forms.MultipleChoiceField(
        required=False,
        choices=[(code.value, code.value) for code in CODES],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        data: MultiValueDict[str, str] | None = None,
        *,
        content: Mapping[str, Any] | None = None,
        based_on: int = 0,
        note: str = "",
    ) -> None:
        said = taxonomy.said_by(content or {})
        initial = {"based_on": based_on, "note": note, "codes": [code.value for code in said.codes]}
        super().__init__(data, initial=initial, auto_id="taxonomy-%s")
        own = (content or {}).get("modes", {})
        for mode in FailureMode:
            self._add_mode(mode, own.get(mode, {}))

    @property
    def modes(self) -> list[dict[str, Any]]:
        """The fields of each failure mode, with what is built in."""
        return [
            {
                "label": mode.label,
                "meaning_built_in": MEANINGS[mode],
                "title": self[f"{mode}-title"],
                "meaning": self[f"{mode}-meaning"],
                "examples": self[f"{mode}-examples"],
                "on": None if mode in taxonomy.ALWAYS_ON else self[f"{mode}-on"],
            }
            for mode in FailureMode
        ]

    @property
    def code_rows(self) -> list[tuple[Any, bool]]:
        """The codes, each with whether it is offered."""
        chosen = self["codes"].value() or []
        return [(code, code.value in chosen) for code in CODES]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        titles = [cleaned[f"{mode}-title"] or str(mode.label) for mode in FailureMode if self._is_on(mode)]
        twice = {title for title in titles if titles.count(title) > 1}
        if twice:
            self.add_error(None, _("“%(title)s” stands there twice.") % {"title": min(twice)})
        return cleaned

    @property
    def content(self) -> dict[str, Any]:
        """What the form says, as it is kept: only what differs from what is built in."""
        own = {mode.value: found for mode in FailureMode if (found := self._own(mode))}
        return ({"modes": own} if own else {}) | {"codes": self.cleaned_data["codes"]}

    def _is_on(self, mode: FailureMode) -> bool:
        return mode in taxonomy.ALWAYS_ON or bool(self.cleaned_data.get(f"{mode}-on"))

    def _own(self, mode: FailureMode) -> dict[str, Any]:
        cleaned = self.cleaned_data
        found = {name: cleaned[f"{mode}-{name}"] for name in ("title", "meaning", "examples")}
        return {name: value for name, value in found.items() if value} | (
            {} if self._is_on(mode) else {"on": False}
        )

    def _add_mode(self, mode: FailureMode, own: Mapping[str, Any]) -> None:
        self.fields[f"{mode}-title"] = forms.CharField(
            label=_("Title"),
            required=False,
            max_length=taxonomy.TITLE_MAX,
            initial=own.get("title"),
            widget=forms.TextInput(attrs={"placeholder": str(mode.label)}),
        )
        self.fields[f"{mode}-meaning"] = forms.CharField(
            label=_("Meaning"),
            required=False,
            max_length=taxonomy.MEANING_MAX,
            initial=own.get("meaning"),
            widget=forms.Textarea(attrs={"rows": 2, "placeholder": str(MEANINGS[mode])}),
        )
        self.fields[f"{mode}-examples"] = LinesField(
            label=_("Examples, one a line"),
            most=taxonomy.EXAMPLES_MAX,
            longest=taxonomy.MEANING_MAX,
            initial="\n".join(own.get("examples", [])),
        )
        if mode not in taxonomy.ALWAYS_ON:
            self.fields[f"{mode}-on"] = forms.BooleanField(
                label=_("Can be chosen"), required=False, initial=own.get("on", True)
            )
