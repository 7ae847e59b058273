"""How long what is kept, as a person sets it: a number of days for each kind, and for queues that differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from escalations.models import Queue
from escalations.retention import keeping
from escalations.retention.keeping import FOR_EVER, Kind, Subject

_MOST = 36_500


@dataclass(frozen=True)
class Line:
    """A kind and its field, or a queue of a kind."""

    kind: Kind
    field: forms.BoundField
    queue: Queue | None = None

    @property
    def subject(self) -> Subject:
        return self.kind.kept, self.queue.pk if self.queue else None


class RetentionForm(forms.Form):
    """Days; 0 is for ever, and an empty field of a queue means as for all queues."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        present = keeping.rules()
        self._queues = list(Queue.objects.all())
        super().__init__(data, auto_id="retention-%s")
        for kind, queue in self._subjects():
            subject = (kind.kept, queue.pk if queue else None)
            self.fields[_name(kind, queue)] = _days(required=queue is None, initial=present.get(subject))

    def lines(self) -> list[Line]:
        """What the page shows, in its order."""
        return [Line(kind, self[_name(kind, queue)], queue) for kind, queue in self._subjects()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for kind, queue in self._subjects():
            days = cleaned.get(_name(kind, queue))
            if days and days < kind.least:
                words = (
                    _("At least %(days)s days, or 0 for ever.") if kind.least > 1 else _("At least 1 day.")
                )
                self.add_error(_name(kind, queue), words % {"days": kind.least})
        return cleaned

    @property
    def wanted(self) -> dict[Subject, int | None]:
        """What is to be set, as `keeping.save` takes it."""
        return {line.subject: self.cleaned_data[line.field.name] for line in self.lines()}

    def _subjects(self) -> Iterator[tuple[Kind, Queue | None]]:
        for kind in keeping.kinds():
            yield kind, None
            if kind.is_by_queue:
                yield from ((kind, queue) for queue in self._queues)


def _name(kind: Kind, queue: Queue | None) -> str:
    return f"{kind.kept.value}-{queue.pk}" if queue else kind.kept.value


def _days(*, required: bool, initial: int | None) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"})
    return forms.IntegerField(
        required=required, min_value=FOR_EVER, max_value=_MOST, initial=initial, widget=widget
    )
