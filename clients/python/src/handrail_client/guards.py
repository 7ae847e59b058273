"""The decorators `needs_approval` and `escalates`, for functions in threads and in asyncio."""

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import wraps
from typing import Any, Literal, ParamSpec, Protocol, Required, TypedDict, TypeVar, Unpack, cast, overload

from .answers import ActionWord
from .approving import GuardedCall, Risk, Rules
from .calls import HandoffRef
from .escalating import AskedCall, OnError, Threshold
from .flows import Flow, arun, run
from .outcomes import Decided, NotRun, Pending
from .recorder import Identity, Recorder, within_run
from .tools import Tool, named, tool_of

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class ApprovalOptions(TypedDict, total=False):
    """How a tool is approved."""

    # What people see; else the function's own name, and the first lines of its docstring.
    name: str
    description: str
    # How bad a mistake would be.
    risk: Risk
    # Called with the arguments that it names, by their names; where it is false, no approval is needed.
    when: Callable[..., Any]
    # What a person may decide; approve, edit, reject unless given. On respond, their words are the result.
    allowed: Sequence[ActionWord]
    # JSON Schema (2020-12) of the arguments, by which edits are checked; else made from the type hints.
    schema: Mapping[str, Any]
    question: str
    # Seconds to wait for the decision; as long as it takes unless given.
    wait: float
    # "return" gives a `NotRun` back as the result, which tools of models like.
    on_refusal: Literal["raise", "return"]
    # Further fields of the case, such as `sla` and `routing`.
    handoff: Mapping[str, Any]


class EscalationOptions(TypedDict, total=False):
    """When an answer goes to a person, and what comes back."""

    # Answers that the agent is less sure of go to a person; from 0 to 1.
    below: Required[float]
    # Finds the confidence, or (answer, confidence), in what the function returned.
    extract: Callable[[Any], Any]
    # "hand_off" has a person answer when the function raises, too.
    on_error: OnError
    # Whether the agent's policy at the desk is asked as well (`should_escalate`).
    policy: bool
    # Seconds to wait for the decision; None: as long as it takes. Unless given, a `Pending` comes at once.
    wait: float | None
    # Makes the result of a `Decided`.
    resume: Callable[[Decided], Any]
    # The result where nobody decided in time or the desk is away. A function is called with a `Pending`.
    fallback: Any
    question: str
    # Further fields of the case, such as `kind`, `sla` and `response_schema`.
    handoff: Mapping[str, Any]


class Guarded(Protocol[P, R_co]):
    """A tool that needs approval."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Run it once it is approved."""

    @property
    def resume(self) -> Callable[..., R_co]:
        """Go on with a case that was handed off before, in this process or another.

        Takes the case or its id, then the same arguments.
        """


class Escalating(Protocol):
    """Decorates a function that says how sure it is."""

    @overload
    def __call__(
        self, function: Callable[P, Coroutine[Any, Any, R]], /
    ) -> Callable[P, Coroutine[Any, Any, R | Decided | Pending]]: ...

    @overload
    def __call__(self, function: Callable[P, R], /) -> Callable[P, R | Decided | Pending]: ...


@overload
def needs_approval(function: Callable[P, R], /) -> Guarded[P, R]: ...


@overload
def needs_approval(
    *, agent: Identity | None = None, **options: Unpack[ApprovalOptions]
) -> Callable[[Callable[P, R]], Guarded[P, R]]: ...


def needs_approval(
    function: Callable[..., Any] | None = None, /, *, agent: Identity | None = None, **options: Any
) -> Any:
    """A tool whose calls a person approves, each with its very arguments; it then runs once.

    Called inside a run it belongs to that, else to a run of its own of `agent`. The tool raises:

        NotRun: it was not run: `Rejected`, `StillPending`, or for what `why` says.
        NoRun: it was called outside a run, and without an agent.
        TypeError: an argument has no form in JSON.
        HandrailError: the desk could not be asked; it was not run.
    """
    if function is not None:
        return _guarded(function, agent, {})
    return lambda function: _guarded(function, agent, options)


def escalates(*, agent: Identity | None = None, **options: Unpack[EscalationOptions]) -> Escalating:
    """A function that returns an answer and a confidence from 0 to 1; a person sees what is too low.

    The function returns `(answer, confidence)`, or something with `.answer` and `.confidence` (members of a
    mapping will do), or `extract` finds it. What is sure enough comes back as the function returned it. Of
    the rest comes a `Decided`, or a `Pending` as long as nobody decided, or what `resume` and `fallback`
    make of these.

    Called inside a run it belongs to that, else to a run of its own of `agent`. The function raises:

        NoConfidence: it says not how sure it is, or not from 0 to 1.
        NoRun: it was called outside a run, and without an agent.
        HandrailError: the case could not be handed off, and there is no `fallback`.

    Raises:
        ValueError: `below` is not from 0 to 1.
    """
    if not 0 <= options["below"] <= 1:
        raise ValueError(f"below must be from 0 to 1, not {options['below']}; divide percentages by 100")
    threshold = Threshold(**options)

    def decorate(function: Callable[..., Any]) -> Any:
        name, signature = function.__name__, inspect.signature(function)

        def call(*args: Any, **kwargs: Any) -> Flow[Any]:
            given = named(signature, signature.bind(*args, **kwargs))

            def work(recorder: Recorder) -> Flow[Any]:
                return AskedCall(name, function, threshold, recorder, args, kwargs, given).carry_out()

            return within_run(agent, "escalates", name, work)

        return wraps(function)(_carried_out(call, function))

    return cast(Escalating, decorate)


def _guarded(function: Callable[..., Any], agent: Identity | None, options: Mapping[str, Any]) -> Any:
    named = dict(options)
    returns = named.pop("on_refusal", "raise") == "return"
    words = {key: named.pop(key) for key in ("name", "description", "schema") if key in named}
    tool, rules = tool_of(function, **words), Rules(**named)

    def call(*args: Any, **kwargs: Any) -> Flow[Any]:
        return _within(agent, tool, rules, returns, lambda guarded: guarded.carry_out(), args, kwargs)

    def resume(handoff: HandoffRef, /, *args: Any, **kwargs: Any) -> Flow[Any]:
        return _within(agent, tool, rules, returns, lambda guarded: guarded.go_on(handoff), args, kwargs)

    guarded: Any = wraps(function)(_carried_out(call, function))
    guarded.resume = _carried_out(resume, function)
    return guarded


def _within(
    agent: Identity | None,
    tool: Tool,
    rules: Rules,
    returns: bool,
    work: Callable[[GuardedCall], Flow[Any]],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Flow[Any]:
    bound = tool.bind(args, kwargs)
    try:
        return (
            yield from within_run(
                agent,
                "needs_approval",
                tool.name,
                lambda recorder: work(GuardedCall(tool, rules, recorder, bound)),
            )
        )
    except NotRun as refusal:
        if returns:
            return refusal
        raise


def _carried_out(flow: Callable[..., Flow[Any]], function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that carries the flow out: async if `function` is."""
    if inspect.iscoroutinefunction(function):

        async def in_task(*args: Any, **kwargs: Any) -> Any:
            return await arun(flow(*args, **kwargs))

        return in_task
    return lambda *args, **kwargs: run(flow(*args, **kwargs))
