"""An agent at a desk: who it is, its runs, and the functions that hand off for it."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, Unpack, overload

from .aio import AsyncHandrail
from .guards import ApprovalOptions, Escalating, EscalationOptions, Guarded, escalates, needs_approval
from .handoffs import Agent as AgentFields
from .recorder import Identity
from .runs import AsyncRun, Run
from .sync import Handrail

P = ParamSpec("P")
R = TypeVar("R")


class _Decorators:
    """What agents in threads and in asyncio have in common."""

    _identity: Identity

    @overload
    def needs_approval(self, function: Callable[P, R], /) -> Guarded[P, R]: ...

    @overload
    def needs_approval(
        self, **options: Unpack[ApprovalOptions]
    ) -> Callable[[Callable[P, R]], Guarded[P, R]]: ...

    def needs_approval(self, *function: Callable[..., Any], **options: Any) -> Any:
        """`handrail_client.needs_approval` for tools of this agent."""
        decorate: Any = needs_approval(agent=self._identity, **options)
        return decorate(*function) if function else decorate

    def escalates(self, **options: Unpack[EscalationOptions]) -> Escalating:
        """`handrail_client.escalates` for functions of this agent."""
        return escalates(agent=self._identity, **options)


class Agent(_Decorators):
    """An agent in threads: its name and version, as the desk knows them, and the desk."""

    def __init__(
        self, desk: Handrail, name: str, version: str, *, model: str = "", framework: str = ""
    ) -> None:
        self.desk = desk
        self._identity = Identity(desk, _fields(name, version, model, framework))

    def run(self, *, conversation_id: str = "", category: str = "", run_id: str = "") -> Run:
        """A run, to be used by `with`: what is not handed off in it is reported at its end.

        `run_id` is your own name for the run; the desk takes a run once.
        """
        return Run(self._identity, conversation_id=conversation_id, category=category, run_id=run_id)


class AsyncAgent(_Decorators):
    """An agent in asyncio: its name and version, as the desk knows them, and the desk."""

    def __init__(
        self, desk: AsyncHandrail, name: str, version: str, *, model: str = "", framework: str = ""
    ) -> None:
        self.desk = desk
        self._identity = Identity(desk, _fields(name, version, model, framework))

    def run(self, *, conversation_id: str = "", category: str = "", run_id: str = "") -> AsyncRun:
        """A run, to be used by `async with`; else as with `Agent`."""
        return AsyncRun(self._identity, conversation_id=conversation_id, category=category, run_id=run_id)


def _fields(name: str, version: str, model: str, framework: str) -> AgentFields:
    fields: AgentFields = {"name": name, "version": version}
    if model:
        fields["model"] = model
    if framework:
        fields["framework"] = framework
    return fields
