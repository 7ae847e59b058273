"""Why lines are refused, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from escalations.models import ImportRefusal, LabelImport
from escalations.validation import schema_words

_BATCH = 1_000


class Why(models.TextChoices):
    """What can be wrong with a line; the words of `SCHEMA` and `LABELS` come with each refusal."""

    LONG = "long", _("The line has more than 64 KiB.")
    JSON = "json", _("The line is no JSON object.")
    CHARACTERS = "characters", _("The line holds characters that no text can hold.")
    SCHEMA = "schema", _("The line does not keep to the schema.")
    WHOSE = "whose", _("Name either the decision, as “resolution”, or its case, as “case”.")
    ID = "id", _("This is no id. Copy it whole: 36 characters, with hyphens.")
    EMPTY = "empty", _("Say at least one label.")
    UNKNOWN = "unknown", _("No decision of a person that counts has this id.")
    ERASED = "erased", _("What was said in this case is erased. Its labels stay as they are.")
    SETTLED = "settled", _("These labels are adjudicated or gold. Allow that such ones are replaced.")
    LABELS = "labels", _("These labels do not fit the case.")
    CHANGED = "changed", _("Somebody else changed these labels meanwhile. Import the line again.")


@dataclass(frozen=True)
class Refusal:
    """One thing that is wrong with a line, and where: a JSON Pointer (RFC 6901)."""

    why: Why
    pointer: str = ""
    detail: str = ""


def told(refusal: ImportRefusal) -> str:
    """The refusal in the language that is spoken now."""
    if refusal.code == Why.SCHEMA and refusal.detail:
        return schema_words.shown(refusal.detail)
    if refusal.code == Why.LABELS and refusal.detail:
        return gettext(refusal.detail)  # one of the sentences of `transitions.label_flaws`
    return str(Why(refusal.code).label)


def listed(label_import: LabelImport) -> Iterator[ImportRefusal]:
    """All refusals, line by line, some at a time."""
    line, last = 0, 0
    later = label_import.refusals.order_by("line", "id")
    while found := list(later.filter(models.Q(line__gt=line) | models.Q(line=line, id__gt=last))[:_BATCH]):
        yield from found
        line, last = found[-1].line, found[-1].pk
