"""What the page of the audit log shows: what was looked for, the entries, and how the log was found to be."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from escalations.auditing import checks, search
from escalations.auditing.search import Search
from escalations.models import AuditCheck, AuditEntry, AuditSeal, Operator
from operators import parameters
from operators.fields.days import DayField
from operators.rendering import csv_files

PAGE = 50
_BIGGEST_ID = 2**63 - 1
_COLUMNS = ("id", "time", "actor", "name", "action", "target", "request_id")


class AuditForm(forms.Form):
    """Whole words, as they stand in the log; people and agents may be named as they sign in."""

    actor = forms.CharField(label=gettext_lazy("Who"), max_length=80, required=False)
    action = forms.CharField(label=gettext_lazy("Did what"), max_length=40, required=False)
    target = forms.CharField(label=gettext_lazy("To what"), max_length=80, required=False)
    request_id = forms.CharField(label=gettext_lazy("Request"), max_length=64, required=False)
    start = DayField(label=pgettext_lazy("day", "From"))
    end = DayField(label=pgettext_lazy("day", "To"))
    before = forms.IntegerField(required=False, min_value=1, max_value=_BIGGEST_ID)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data, auto_id="filter-%s")
        hints = {
            "actor": "boss · operator:2 · system",
            "action": "policy.save",
            "target": "case:… · queue:3",
        }
        for name, hint in hints.items():
            self.fields[name].widget.attrs |= {"placeholder": hint, "spellcheck": "false"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", _("This day is before the first."))
        return cleaned

    def search(self, zone: ZoneInfo) -> Search:
        """What is looked for; days are those of `zone`, and what is not valid does not count."""
        chosen = self.cleaned_data
        end = chosen.get("end")
        return Search(
            actors=search.actors_called(chosen.get("actor", "")),
            action=chosen.get("action", ""),
            target=search.target_called(chosen.get("target", "")),
            request_id=chosen.get("request_id", ""),
            since=_midnight(chosen.get("start"), zone),
            until=_midnight(end + timedelta(days=1), zone) if end else None,
        )


@dataclass(frozen=True)
class Line:
    """An entry with what people call its actor, and the address that its target has, if any."""

    entry: AuditEntry
    name: str
    address: str


def lines(entries: list[AuditEntry]) -> list[Line]:
    """The entries as the page shows them."""
    names = search.names_of({entry.actor for entry in entries})
    return [Line(entry, names.get(entry.actor, ""), _address_of(entry.target)) for entry in entries]


def narrowed(shown: Mapping[str, Any], **changes: str) -> str:
    """The address of the page with what is looked for changed, from its newest entry on."""
    kept = {name: str(value) for name, value in shown.items() if value and name != "before"} | changes
    return f"{reverse('audit_log')}?{urlencode(kept)}"


def csv_rows(entries: Iterable[AuditEntry]) -> Iterator[bytes]:
    """The entries as a file for spreadsheets, made while it is sent. Times are in UTC."""
    yield csv_files.line(_COLUMNS)
    names: dict[str, str] = {}
    for entry in entries:
        if entry.actor not in names:
            names[entry.actor] = search.names_of([entry.actor]).get(entry.actor, "")
        at = entry.created_at.astimezone(UTC).isoformat(timespec="milliseconds")
        said = (entry.action, entry.target, entry.request_id)
        yield csv_files.line((entry.id, at, entry.actor, names[entry.actor], *said))


def standing() -> dict[str, Any]:
    """The newest seal, what is not sealed yet, and the newest check."""
    seal = AuditSeal.objects.defer("entries").order_by("-number").first()
    unsealed = AuditEntry.objects.filter(id__gt=seal.last_id if seal else 0)
    check = AuditCheck.objects.first()
    return {
        "seal": seal,
        "unsealed": unsealed[:10_000].count(),
        "check": check,
        "flaws": checks.flaws_of(check) if check else [],
    }


def _midnight(day: Any, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time.min, zone) if day else None


def _address_of(target: str) -> str:
    kind, _, number = target.partition(":")
    if kind != "case":
        return ""
    case_id = parameters.uuid(number)
    return reverse("case", args=[case_id]) if case_id else ""


def zone_of(operator: Operator) -> ZoneInfo:
    return ZoneInfo(operator.timezone)
