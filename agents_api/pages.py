"""Lists, a page at a time, newest first. A cursor says where the next page starts, whatever arrives."""

from typing import Annotated, Any

from django.db.models import Q
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from agents_api import answers
from agents_api.requests import cursors
from agents_api.schemas.base import Moment
from escalations.handoffs.dispatch import as_agent_sees, in_state, may_be_undone
from escalations.models import Escalation, State
from escalations.models.case_queries import EscalationQuerySet

PAGE_MAX = 100
_ALL = Q()


def has_no_nul(text: str) -> str:
    """The text itself.

    Raises:
        ValueError: it holds U+0000, which no column can.
    """
    if "\0" in text:
        raise ValueError("U+0000 is never part of it")
    return text


class HandoffQuery(BaseModel):
    """Which handoffs to list."""

    state: State | None = None
    conversation_id: Annotated[str, StringConstraints(max_length=200), AfterValidator(has_no_nul)] | None = (
        None
    )
    since: Moment | None = Field(default=None, description="Received at this time or later.")
    limit: int = Field(default=50, ge=1, le=PAGE_MAX)
    cursor: cursors.Cursor = None


def page_of(agent_id: int, query: HandoffQuery) -> dict[str, Any]:
    """One page of an agent's cases as a JSON value.

    Raises:
        Problem: the cursor is not one of ours.
    """
    shown, next_cursor = cases_of(agent_id, query)
    return {"items": [answers.summary(case) for case in shown], "next_cursor": next_cursor}


def cases_of(agent_id: int, query: HandoffQuery, only: Q = _ALL) -> tuple[list[Escalation], str | None]:
    """One page of an agent's cases as it may see them, of those for which `only` holds, and the next cursor.

    Raises:
        Problem: the cursor is not one of ours.
    """
    found = _found(agent_id, query, only)
    if may_be_undone(found):
        found = _found(agent_id, query, only)
    shown = found[: query.limit]
    more = len(found) > len(shown)
    return shown, cursors.after(shown[-1].received_at, shown[-1].id) if more else None


def _found(agent_id: int, query: HandoffQuery, only: Q) -> list[Escalation]:
    matching = _matching(agent_id, query).filter(only).select_related("queue")
    cases = cursors.behind(matching, query.cursor, "received_at")
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
