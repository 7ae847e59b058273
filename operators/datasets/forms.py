"""Which decisions a dataset is made of, and how they are split, as a person chooses it."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from escalations.datasets import FORMATS
from escalations.datasets.filters import Filter
from escalations.models import AgentCorrect, AgentVersion, Dataset, Disposition, FailureMode, Quality, Queue
from operators.fields.days import DayField

# What never changes: the splits would.
FIXED = ("name", "validation_percent", "test_percent", "test_from", "drops_near_duplicates")
_TRAIN_AT_LEAST = 10
_SEVERAL = ("verdicts", "dispositions", "failure_modes", "qualities")


def _several(
    label: Any, choices: type[TextChoices], *, without: tuple[str, ...] = ()
) -> forms.MultipleChoiceField:
    shown = [each for each in choices.choices if each[0] not in without]
    widget = forms.CheckboxSelectMultiple()
    return forms.MultipleChoiceField(label=label, required=False, choices=shown, widget=widget)


class FilterForm(forms.Form):
    """Which decisions. Days are those of the person's time zone."""

    agent = forms.ChoiceField(label=gettext_lazy("Agent"), required=False)
    version = forms.ChoiceField(label=gettext_lazy("Version"), required=False)
    queue = forms.ChoiceField(label=gettext_lazy("Queue"), required=False)
    category = forms.CharField(label=gettext_lazy("Category"), required=False, max_length=60)
    since = DayField(label=pgettext_lazy("decided", "Decided from"))
    until = DayField(label=pgettext_lazy("decided", "Decided until"))
    verdicts = _several(gettext_lazy("Was the agent right?"), AgentCorrect, without=(AgentCorrect.UNSURE,))
    dispositions = _several(gettext_lazy("What came of it"), Disposition, without=(Disposition.UNRESOLVABLE,))
    failure_modes = _several(gettext_lazy("What went wrong"), FailureMode)
    qualities = _several(gettext_lazy("How sure the labels are"), Quality)

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone
        known = list(AgentVersion.objects.order_by("agent__name", "name").values_list("agent__name", "name"))
        self._choose("agent", _("All agents"), {agent: agent for agent, _ in known})
        self._choose("version", _("All versions"), {name: name for _, name in known})
        names = Queue.objects.order_by("name").values_list("name", flat=True)
        self._choose("queue", _("All queues"), {name: name for name in names})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first."))
        return cleaned

    def filter(self) -> Filter:
        """The filter that is chosen; what is not valid filters nothing."""
        chosen = self.cleaned_data
        until = chosen.get("until")
        moments = {
            "since": self._start(chosen.get("since")),
            "until": self._start(until + timedelta(days=1)) if until else None,
        }
        one = {name: chosen.get(name, "") for name in ("agent", "version", "queue", "category")}
        several = {name: tuple(chosen.get(name, ())) for name in _SEVERAL}
        columns: dict[str, Any] = {**one, **several, **moments}
        return Filter(**columns)

    def _choose(self, field: str, everything: str, choices: dict[str, str]) -> None:
        cast(forms.ChoiceField, self.fields[field]).choices = [("", everything), *choices.items()]

    def _start(self, day: date | None) -> datetime | None:
        return datetime.combine(day, time.min, self._zone) if day else None


class DatasetForm(FilterForm):
    """A new dataset, or what may change of `dataset`: its description, and what the next versions take."""

    name = forms.SlugField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy("Letters, digits and hyphens. Files and programs call it by this."),
        error_messages={"invalid": gettext_lazy("Only letters, digits and hyphens, such as refund-cases.")},
    )
    description = forms.CharField(label=gettext_lazy("What it is for"), required=False, max_length=300)
    validation_percent = forms.IntegerField(
        label=gettext_lazy("For validation, in percent"), min_value=0, max_value=90, initial=10
    )
    test_percent = forms.IntegerField(
        label=gettext_lazy("For testing, in percent"), min_value=0, max_value=90, initial=10
    )
    test_from = DayField(
        label=gettext_lazy("Forward test from"),
        help_text=gettext_lazy("Customers first seen from this day on are a test of their own. Empty: none."),
    )
    drops_near_duplicates = forms.BooleanField(
        label=gettext_lazy("Leave out what nearly says the same as an earlier row"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, zone: ZoneInfo, dataset: Dataset | None = None, **kwargs: Any) -> None:
        initial = _initial(dataset, zone) if dataset else {}
        super().__init__(*args, zone=zone, initial=initial, **kwargs)
        self.dataset = dataset
        if dataset is None and not self.is_bound:
            self.fields["name"].widget.attrs["autofocus"] = True
        for name in FIXED if dataset else ():
            self.fields[name].disabled = True

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if self.dataset is None and Dataset.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is a dataset of this name. Choose another one."))
        if name in ("new", "preview", "labels"):
            raise forms.ValidationError(_("This name has a meaning of its own. Choose another one."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("validation_percent", 0) + cleaned.get("test_percent", 0) > 100 - _TRAIN_AT_LEAST:
            self.add_error("test_percent", _("Leave at least 10 percent to train on."))
        return cleaned

    def focus_refused(self) -> None:
        """The first field that is wrong gets the focus."""
        for bound in self:
            if bound.errors:
                bound.field.widget.attrs["autofocus"] = True
                return

    def save(self, created_by: Any) -> Dataset:
        """Keep what was chosen."""
        dataset = self.dataset or Dataset(created_by=created_by)
        if self.dataset is None:
            for name in FIXED:
                setattr(dataset, name, self.cleaned_data[name])
            dataset.test_from = self._start(self.cleaned_data["test_from"])
        dataset.description = self.cleaned_data["description"]
        dataset.filter = self.filter().as_json()
        dataset.save()
        return dataset


class FormatForm(forms.Form):
    """In which form the first rows are shown."""

    format = forms.ChoiceField(
        label=gettext_lazy("Show as"),
        choices=[(name, each.title) for name, each in FORMATS.items()],
        initial="sft",
        # It stands beside the dataset's form and goes with it, to come back as it was chosen.
        widget=forms.Select(attrs={"form": "dataset-form"}),
    )


class ErasureForm(forms.Form):
    """Whose data are to be erased."""

    customer_ref = forms.CharField(
        label=gettext_lazy("Customer"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("As agents name them in metadata.customer_ref or customer_id."),
    )
    case = forms.UUIDField(
        label=gettext_lazy("Or one case, by its id"),
        required=False,
        help_text=gettext_lazy("The last part of the address of its page."),
    )
    sure = forms.BooleanField(label=gettext_lazy("I know that there is no way back."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("customer_ref")) == bool(cleaned.get("case")):
            raise forms.ValidationError(_("Name a customer, or a case."))
        return cleaned


def _initial(dataset: Dataset, zone: ZoneInfo) -> dict[str, Any]:
    kept = Filter.read(dataset.filter)
    plain = (
        "agent",
        "version",
        "queue",
        "category",
        "verdicts",
        "dispositions",
        "failure_modes",
        "qualities",
    )
    fixed = {name: getattr(dataset, name) for name in (*FIXED, "description")}
    until = kept.until and kept.until.astimezone(zone).date() - timedelta(days=1)
    return (
        {name: getattr(kept, name) for name in plain}
        | fixed
        | {"since": kept.since and kept.since.astimezone(zone).date(), "until": until}
        | {"test_from": dataset.test_from and dataset.test_from.astimezone(zone).date()}
    )
