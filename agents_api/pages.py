"""Lists, a page at a time, newest first. A cursor says where the next page starts, whatever arrives."""

import base64
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from agents_api import answers
from agents_api.problems import Flaw, Problem
from agents_api.schemas.base import Moment
from escalations.dispatch import as_agent_sees, in_state, may_be_undone
from escalations.models import Escalation, State
from escalations.models.case_queries import EscalationQuerySet

PAGE_MAX = 100


def _has_no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("U+0000 is never part of it")
    return text


class HandoffQuery(BaseModel):
    """Which handoffs to list."""

    state: State | None = None
    conversation_id: Annotated[str, StringConstraints(max_length=200), AfterValidator(_has_no_nul)] | None = (
        None
    )
    since: Moment | None = Field(default=None, description="Received at this time or later.")
    limit: int = Field(default=50, ge=1, le=PAGE_MAX)
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, description="The `next_cursor` of the page before."
    )


def page_of(agent_id: int, query: HandoffQuery) -> dict[str, Any]:
    """One page of an agent's cases as a JSON value.

    Raises:
        Problem: the cursor is not one of ours.
    """
    found = _found(agent_id, query)
    if may_be_undone(found):
        found = _found(agent_id, query)
    shown = found[: query.limit]
    more = len(found) > len(shown)
    return {
        "items": [answers.summary(case) for case in shown],
        "next_cursor": _cursor(shown[-1]) if more else None,
    }


def _found(agent_id: int, query: HandoffQuery) -> list[Escalation]:
    cases = _matching(agent_id, query).select_related("queue").order_by("-received_at", "-id")
    if query.cursor:
        received_at, case_id = _parse(query.cursor)
        later_id = Q(received_at=received_at, id__gte=case_id)
        cases = cases.filter(received_at__lte=received_at).exclude(later_id)
    return [as_agent_sees(case) for case in cases[: query.limit + 1]]


def _matching(agent_id: int, query: HandoffQuery) -> EscalationQuerySet:
    cases = Escalation.objects.with_dispatch().filter(agent_id=agent_id)
    if query.state:
        cases = cases.filter(in_state(query.state))
    if query.conversation_id is not None:
        cases = cases.filter(conversation_id=query.conversation_id)
    if query.since:
        cases = cases.filter(received_at__gte=query.since)
    return cases


def _cursor(case: Escalation) -> str:
    place = f"{case.received_at.astimezone(UTC).isoformat()} {case.id}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _parse(cursor: str) -> tuple[datetime, UUID]:
    try:
        place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, case_id = place.partition(" ")
        received_at = datetime.fromisoformat(moment)
        if received_at.tzinfo is None:
            raise ValueError("no time zone")
        return received_at, UUID(case_id)
    except ValueError:
        raise Problem(
            "invalid-request", errors=[Flaw("/query/cursor", "This is no cursor of ours.")]
        ) from None
