"""What a third person makes of two looks that differ: of each field the first, the second, or another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models import FailureMode, LabelRevision
from escalations.reviews.comparing import Field, Scale, differences
from escalations.reviews.line import labels_of
from escalations.transitions import InvalidDecision, Labels, decisions
from operators.reviews.words import Words

FIRST, SECOND, OTHER = "first", "second", "other"
_PICKS = [
    (FIRST, gettext_lazy("First look")),
    (SECOND, gettext_lazy("Second look")),
    (OTHER, gettext_lazy("Something else")),
]
_NOTE_MAX = 20_000


@dataclass(frozen=True)
class Row:
    """One field in which the two differ, as the page shows it. `then` is where one goes on, as a selector."""

    field: Field
    then: str
    first: str
    second: str
    pick: forms.BoundField
    other: forms.BoundField | None


class SettleForm(forms.Form):
    """The fields in which `first`, which is in force, and `second` differ, said in `words`."""

    # The revision in force as the page was made.
    seen = forms.UUIDField(widget=forms.HiddenInput)
    note = forms.CharField(required=False, max_length=_NOTE_MAX)

    def __init__(
        self,
        first: LabelRevision,
        second: LabelRevision,
        words: Words,
        data: MultiValueDict[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial={"seen": first.pk, "note": first.note})
        self.first, self.second, self.words = first, second, words
        self.differing = list(asked(first, second))
        for field in self.differing:
            self._add(field, words.choices(field))

    @property
    def rows(self) -> list[Row]:
        """The fields in which they differ."""
        return [
            Row(
                field=field,
                then=f"#settle-{at + 1} input" if at < len(self.differing) else ".act .primary",
                first=self.words.said(field, self.first),
                second=self.words.said(field, self.second),
                pick=self[_pick(field)],
                other=self[_other(field)] if _other(field) in self.fields else None,
            )
            for at, field in enumerate(self.differing, start=1)
        ]

    def restore(self, typed: MultiValueDict[str, str] | None) -> None:
        """Put in the fields what was typed before, unless other labels are in force by now."""
        if typed and typed.get("seen") == str(self.first.pk):
            self.initial.update({name: typed[name] for name in self.fields if name in typed})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for field in self.differing:
            if cleaned.get(_pick(field)) == OTHER and not cleaned.get(_other(field)):
                self.add_error(_pick(field), _("Choose what else it is."))
        if not self.errors:
            settled = self.labels()
            if clash := decisions.contradiction(settled.agent_correct, settled.failure_primary):
                self.add_error(None, clash)
        return cleaned

    def labels(self) -> Labels:
        """The labels in force, but for what was settled on; only of a valid form."""
        settled = {field.name: self._settled(field) for field in self.differing}
        primary = settled.get("failure_primary", self.first.failure_primary)
        beside = settled.get("failure_modes", _beside(self.first))
        is_wrong = primary != FailureMode.NONE
        settled["failure_modes"] = [mode for mode in beside if mode != primary] if is_wrong else []
        return labels_of(self.first, note=self.cleaned_data["note"], **settled)

    def add_flaws(self, error: InvalidDecision) -> None:
        """Put what the domain found wrong next to the fields it is about."""
        for flaw in error.flaws:
            names = [_pick(field) for field in self.differing if flaw.pointer == f"/labels/{field.name}"]
            self.add_error(names[0] if names else None, flaw.detail)

    def _add(self, field: Field, others: Sequence[tuple[str, Any]]) -> None:
        self.fields[_pick(field)] = forms.ChoiceField(
            choices=_PICKS if others else _PICKS[:2],
            widget=forms.RadioSelect,
            error_messages={"required": gettext_lazy("Choose one.")},
        )
        if others:
            self.fields[_other(field)] = forms.ChoiceField(choices=others, required=False)

    def _settled(self, field: Field) -> Any:
        picked = self.cleaned_data[_pick(field)]
        if picked == OTHER:
            return self.words.read(field, self.cleaned_data[_other(field)])
        revision = self.first if picked == FIRST else self.second
        return _beside(revision) if field.scale is Scale.SET else getattr(revision, field.name)


def asked(first: LabelRevision, second: LabelRevision) -> Iterator[Field]:
    """Where they differ. All that went wrong is no question where only the first of it differs."""
    for field in differences(first, second):
        if field.scale is not Scale.SET or set(_beside(first)) != set(_beside(second)):
            yield field


def _pick(field: Field) -> str:
    return f"pick-{field.name}"


def _other(field: Field) -> str:
    return f"other-{field.name}"


def _beside(revision: LabelRevision) -> list[str]:
    """What went wrong besides the first of it."""
    return [mode for mode in revision.failure_modes if mode != revision.failure_primary]
