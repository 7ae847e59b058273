"""Lists of tasks, a page at a time."""

from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from django.db.models import Q
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from agents_api import pages
from agents_api.a2a import errors, tasks
from agents_api.a2a.messages import HISTORY_MAX
from agents_api.auth import Caller
from agents_api.pages import HandoffQuery
from agents_api.problems import Problem
from escalations.handoffs.dispatch import in_state
from escalations.models import Escalation, State

_COUNTED_MAX = 1_000
_STATE_WORD = Literal[
    "TASK_STATE_SUBMITTED",
    "TASK_STATE_WORKING",
    "TASK_STATE_INPUT_REQUIRED",
    "TASK_STATE_COMPLETED",
    "TASK_STATE_FAILED",
    "TASK_STATE_CANCELED",
]


class ListQuery(BaseModel):
    """Which tasks to list."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    context_id: Annotated[str, StringConstraints(max_length=200), AfterValidator(pages.has_no_nul)] | None = (
        None
    )
    status: _STATE_WORD | None = None
    page_size: Annotated[int, Field(ge=1, le=pages.PAGE_MAX)] = 50
    page_token: Annotated[str, StringConstraints(max_length=200)] = ""
    history_length: Annotated[int, Field(ge=0, le=HISTORY_MAX)] = 0
    include_artifacts: bool = False


def page_of(caller: Caller, asked: ListQuery) -> dict[str, Any]:
    """One page of the agent's tasks, those handed off last first. They are counted up to 1,000.

    Raises:
        A2AError: the page token is not one of ours.
    """
    query = HandoffQuery(
        conversation_id=asked.context_id, limit=asked.page_size, cursor=asked.page_token or None
    )
    only = _in_state(asked.status) if asked.status else Q()
    try:
        shown, following = pages.cases_of(caller.agent_id, query, only)
    except Problem:
        words = "This is no page token of ours."
        raise errors.invalid(words, [{"field": "pageToken", "description": words}]) from None
    return {
        "tasks": [_task(caller, case, asked) for case in shown],
        "nextPageToken": following or "",
        "pageSize": len(shown),
        "totalSize": _count(caller, asked, only),
    }


def _task(caller: Caller, case: Escalation, asked: ListQuery) -> dict[str, Any]:
    """Without artifacts and history a list says no more than where each task stands."""
    if not (asked.include_artifacts or asked.history_length):
        status = tasks.status_of(case, None)
        return {"id": str(case.id), "contextId": tasks.context_of(case), "status": status}
    task = tasks.seen_by(caller, case.id, history=asked.history_length).task
    if not asked.include_artifacts:
        task.pop("artifacts", None)
    return task


def _count(caller: Caller, asked: ListQuery, only: Q) -> int:
    cases = Escalation.objects.with_dispatch().filter(only, agent_id=caller.agent_id)
    if asked.context_id is not None:
        cases = cases.filter(conversation_id=asked.context_id)
    return cases[:_COUNTED_MAX].count()


def _in_state(word: str) -> Q:
    states = [state for state, spelt in tasks.STATES.items() if spelt == word]
    return reduce(or_, [in_state(State(state)) for state in states])
