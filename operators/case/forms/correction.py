"""The labels of a decision that was made, as they are corrected."""

from typing import Any, cast

from django import forms
from django.utils.datastructures import MultiValueDict

from escalations.models import Disposition, LabelRevision
from escalations.transitions import InvalidDecision, Labels
from operators.labels.forms.labels import LabelsForm


class CorrectionForm(LabelsForm):
    """The labels in force, those of `revision`, to be changed. `opened` says when the page was made."""

    revision = forms.UUIDField(widget=forms.HiddenInput)
    opened = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, revision: LabelRevision, opened: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Nothing is decided here from which it could follow.
        self.fields["disposition"].required = True
        self.choices("disposition", Disposition.choices)
        self.initial = {**self.initial, "revision": revision.pk, "opened": opened}

    def labels(self) -> Labels:
        """The labels as the domain takes them; only of a valid form."""
        return self.labels_of(self.cleaned_data["disposition"])

    def add_flaws(self, error: InvalidDecision) -> None:
        """Put what the domain found wrong next to the fields it is about."""
        for flaw in error.flaws:
            _labels, name, *rest = flaw.pointer.strip("/").split("/")
            self.add_error(self.field_of_label(name, rest), flaw.detail)

    @property
    def typed(self) -> MultiValueDict[str, str]:
        """What was sent, as it was typed; nothing of a form that was not sent."""
        return cast(MultiValueDict[str, str], self.data)

    def rebase(self, revision: LabelRevision) -> None:
        """Let what was typed change that revision, when it is sent again."""
        self.data = MultiValueDict(dict(self.typed.lists()) | {"revision": [str(revision.pk)]})
