"""What a replay of last week may change."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models import Queue
from escalations.models.offers import OWN_QUEUE, PREFERRED
from escalations.replay import Settings


class ReplayForm(forms.Form):
    """Rings, desks and people of the replay; what is left empty stays as it is."""

    queue = forms.ChoiceField(label=gettext_lazy("Cases of"), required=False)
    preferred_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds until preferred skills are given up"), min_value=0, max_value=86_400
    )
    own_queue_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds until the overflow queue helps"), min_value=0, max_value=86_400
    )
    overflow = forms.BooleanField(label=gettext_lazy("Queues overflow"), required=False)
    capacity = forms.IntegerField(
        label=gettext_lazy("Capacity of everybody (empty: their own)"),
        required=False,
        min_value=1,
        max_value=100,
    )
    more_people = forms.IntegerField(
        label=gettext_lazy("People to add"), required=False, min_value=0, max_value=100
    )
    more_in = forms.ChoiceField(label=gettext_lazy("Add them to the queue"), required=False)
    handle_percent = forms.IntegerField(
        label=gettext_lazy("Length of a case, in % of what it was"), min_value=1, max_value=1_000
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial=_INITIAL, auto_id="replay-%s")
        queues = list(Queue.objects.order_by("name").values_list("id", "name"))
        cast(forms.ChoiceField, self.fields["queue"]).choices = [
            ("", _("All queues")),
            *((name, name) for _id, name in queues),
        ]
        cast(forms.ChoiceField, self.fields["more_in"]).choices = [
            ("", "–"),
            *((str(key), name) for key, name in queues),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("more_people") and not cleaned.get("more_in"):
            self.add_error("more_in", _("Say which queue they would be in."))
        if (cleaned.get("own_queue_seconds") or 0) < (cleaned.get("preferred_seconds") or 0):
            self.add_error("own_queue_seconds", _("No sooner than preferred skills are given up."))
        return cleaned

    @property
    def settings(self) -> Settings:
        """What is tried. Only of a form that is valid."""
        chosen = self.cleaned_data
        return Settings(
            preferred_seconds=chosen["preferred_seconds"],
            own_queue_seconds=chosen["own_queue_seconds"],
            overflow=chosen["overflow"],
            capacity=chosen["capacity"],
            more_people=chosen["more_people"] or 0,
            more_in=int(chosen["more_in"]) if chosen["more_in"] else None,
            handle_percent=chosen["handle_percent"],
        )


_INITIAL = {
    "preferred_seconds": int(PREFERRED.total_seconds()),
    "own_queue_seconds": int(OWN_QUEUE.total_seconds()),
    "overflow": True,
    "more_people": 0,
    "handle_percent": 100,
}
