"""Where the next page of a list starts, whatever arrives meanwhile: a moment, and an id for equal moments."""

import base64
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from pydantic import Field, StringConstraints

from agents_api.problems import Flaw, Problem

Cursor = Annotated[
    Annotated[str, StringConstraints(max_length=200)] | None,
    Field(description="The `next_cursor` of the page before."),
]


Row = TypeVar("Row", bound=Model)


def behind(rows: "QuerySet[Row]", cursor: str | None, field: str) -> "QuerySet[Row]":
    """The rows of the next page and what follows, the newest by `field` first.

    Raises:
        Problem: the cursor is not one of ours.
    """
    rows = rows.order_by(f"-{field}", "-id")
    if cursor is None:
        return rows
    moment, row_id = parse(cursor)
    return rows.filter(**{f"{field}__lte": moment}).exclude(Q(**{field: moment}, id__gte=row_id))


def after(moment: datetime, row_id: UUID) -> str:
    """The cursor of the page that starts behind this row."""
    place = f"{moment.astimezone(UTC).isoformat()} {row_id}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def parse(cursor: str) -> tuple[datetime, UUID]:
    """The moment and id of the last row of the page before.

    Raises:
        Problem: the cursor is not one of ours.
    """
    try:
        place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, row_id = place.partition(" ")
        found = datetime.fromisoformat(moment)
        if found.tzinfo is None:
            raise ValueError("no time zone")
        return found, UUID(row_id)
    except ValueError:
        flaw = Flaw("/query/cursor", "This is no cursor of ours.")
        raise Problem("invalid-request", errors=[flaw]) from None
