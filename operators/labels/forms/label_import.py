"""A file of labels that were made elsewhere."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.labels import label_import


class LabelImportForm(forms.Form):
    """The file, where it comes from, and how far it may go."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("JSON Lines: one decision a line."),
        widget=forms.ClearableFileInput(attrs={"accept": ".jsonl,.ndjson,application/jsonl"}),
    )
    source = forms.CharField(
        label=gettext_lazy("Where the labels come from"),
        help_text=gettext_lazy("Shown beside the import: a team, a tool, a batch."),
        required=False,
        max_length=200,
    )
    all_or_nothing = forms.BooleanField(
        label=gettext_lazy("Write nothing if one line is refused"), required=False
    )
    over_settled = forms.BooleanField(
        label=gettext_lazy("Replace adjudicated and gold labels, too"), required=False
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > label_import.BODY_MAX:
            raise forms.ValidationError(_("The file is too large: up to 20 MiB. Send it in parts."))
        return file
