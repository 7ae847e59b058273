"""A line of a file: what it says, whose labels it means, and what became of it."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from django.utils.translation import override

from escalations import transitions
from escalations.labels.label_import.refusals import Refusal, Why
from escalations.labels.label_import.schema import SCHEMA
from escalations.models import GoldItem, LabelImport, LabelRevision, Operator, Quality, RevisionKind
from escalations.reviews import gold
from escalations.reviews.line import labels_of
from escalations.transitions import Erased, InvalidDecision, RevisionOutdated, decisions
from escalations.validation import json_schemas
from escalations.validation.json_schemas import Misfit

BODY_MAX, LINES_MAX, LINE_MAX = 20 * 2**20, 100_000, 64 * 2**10
# In JSON; two backslashes are one of the text.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# The rules of the schema that have words of their own.
_WORDED = {
    "/oneOf": Why.WHOSE,
    "/properties/resolution/pattern": Why.ID,
    "/properties/case/pattern": Why.ID,
    "/properties/labels/minProperties": Why.EMPTY,
}
_SETTLED = (Quality.ADJUDICATED, Quality.GOLD)


@dataclass(frozen=True)
class Outcome:
    """What became of a line: a new revision, or what is wrong, or neither: it says what is in force."""

    revision: LabelRevision | None = None
    refusals: tuple[Refusal, ...] = ()


class Refused(Exception):
    """The line is refused, for these reasons."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(refusals)
        self.refusals = refusals


def of_file(body: bytes) -> list[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers from 1."""
    lines = body.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def carry_out(line: bytes, label_import: LabelImport) -> Outcome:
    """Put the labels of the line in force, unless they are already."""
    try:
        said = _said(line)
        return Outcome(revision=_revised(said, label_import))
    except Refused as refused:
        return Outcome(refusals=refused.refusals)


def _said(line: bytes) -> dict[str, Any]:
    """What the line says, if it keeps to the schema."""
    if len(line) > LINE_MAX:
        raise Refused(Refusal(Why.LONG))
    try:
        said = json.loads(line, parse_constant=_no_constant, parse_float=_number)
    except (ValueError, RecursionError):
        raise Refused(Refusal(Why.JSON)) from None
    if not isinstance(said, dict):
        raise Refused(Refusal(Why.JSON))
    if not _can_be_kept(said):
        raise Refused(Refusal(Why.CHARACTERS))
    if found := json_schemas.misfits(SCHEMA, said).shown:
        raise Refused(*map(_refusal, found))
    return said


def _refusal(misfit: Misfit) -> Refusal:
    why = _WORDED.get(misfit.schema_pointer)
    return Refusal(why, misfit.pointer) if why else Refusal(Why.SCHEMA, misfit.pointer, misfit.detail)


def _revised(said: dict[str, Any], label_import: LabelImport) -> LabelRevision | None:
    revision = _in_force(said)
    present, wanted = labels_of(revision), labels_of(revision, **said["labels"])
    if _comparable(wanted) == _comparable(present):
        return None
    if revision.resolution.quality in _SETTLED and not label_import.over_settled:
        raise Refused(Refusal(Why.SETTLED))
    try:
        with override("en"):  # kept, and put into the reader's language when shown
            if clash := decisions.contradiction(wanted.agent_correct, wanted.failure_primary):
                raise Refused(Refusal(Why.LABELS, "/labels/failure_primary", clash))
            added = transitions.revise(
                revision=revision,
                operator=label_import.operator,
                kind=RevisionKind.IMPORTED,
                labels=wanted,
                quality=Quality.SINGLE,
            )
    except InvalidDecision as error:
        flaws = (Refusal(Why.LABELS, flaw.pointer, flaw.detail) for flaw in error.flaws)
        raise Refused(*flaws) from None
    except Erased:
        raise Refused(Refusal(Why.ERASED)) from None
    except RevisionOutdated:
        raise Refused(Refusal(Why.CHANGED)) from None
    _retire_gold(revision, label_import.operator)
    return added


def _in_force(said: dict[str, Any]) -> LabelRevision:
    """The labels in force of the decision that the line means: of a case, its latest."""
    revisions = LabelRevision.objects.in_force().filter(resolution__superseded_at=None)
    if "resolution" in said:
        found = revisions.filter(resolution=said["resolution"])
    else:
        found = revisions.filter(resolution__case=said["case"]).order_by("-resolution__cycle")
    revision = found.select_related("resolution").first()
    if revision is None:
        raise Refused(Refusal(Why.UNKNOWN, "/resolution" if "resolution" in said else "/case"))
    return revision


def _retire_gold(revision: LabelRevision, operator: Operator) -> None:
    """What was known for sure is no longer."""
    for item in GoldItem.objects.filter(resolution=revision.resolution, retired_at=None):
        gold.retire(item_id=item.pk, operator=operator)


def _comparable(labels: transitions.Labels) -> str:
    return json.dumps(labels.columns(), sort_keys=True)


def _can_be_kept(said: dict[str, Any]) -> bool:
    """Whether PostgreSQL can hold all of it: no NUL, no half of a character."""
    try:
        return _NUL.search(json.dumps(said, ensure_ascii=False).encode()) is None
    except UnicodeEncodeError:
        return False


def _number(text: str) -> float:
    """The whole number where it is one: JSON writes it 1 or 1.0."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)
