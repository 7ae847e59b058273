"""The tools that models find at the desk, and what each does."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest
from pydantic import BaseModel

from agents_api import faults, idempotency, intake
from agents_api.auth import Caller, Credentials
from agents_api.endpoints import checks
from agents_api.endpoints.handoffs import own_case
from agents_api.mcp import standing
from agents_api.mcp.arguments import CheckHandoffIn, EscalateIn
from agents_api.mcp.escalating import open_handoff
from agents_api.mcp.standing import Handoff, Standing
from agents_api.problems import Flaw, Problem
from agents_api.requests.bodies import Body
from agents_api.schemas import CheckIn, Verdict
from agents_api.waiting.long_polls import wait_for_change
from escalations import transitions
from escalations.background import database_threads
from escalations.models import Delivery, Escalation, Scope, State
from escalations.policy import policies
from escalations.transitions import CaseClosed, Opened, PastValidity

Arguments = TypeVar("Arguments", bound=BaseModel)
# What no agent caused.
_OF_THE_DESK = {
    "database-unavailable": "The desk cannot reach its database. Nothing is lost: call again in a moment.",
    "server-error": "The desk failed. Call again in a moment; it makes no second handoff.",
}

# A model may name its request in `_meta`, too, where its framework can do so for it.
KEY_IN_META = "handrail/idempotency_key"
_IN_FLIGHT_PAUSES = (0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Call:
    """One call of a tool, by whom and with what."""

    request: HttpRequest
    credentials: Credentials
    caller: Caller
    arguments: dict[str, Any]
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Progress:
    """The call goes on waiting, at most so many `seconds` more."""

    words: str
    seconds: float


@dataclass(frozen=True)
class Said:
    """What a call comes to: words for the model, and the same for programs; or what it did wrong."""

    words: str
    document: dict[str, Any] | None = None

    @property
    def result(self) -> dict[str, Any]:
        """As the protocol spells it. Programs of older revisions find the document in a text."""
        texts = [self.words] if self.document is None else [self.words, json.dumps(self.document)]
        content = [{"type": "text", "text": text} for text in texts]
        if self.document is None:
            return {"content": content, "isError": True}
        return {"content": content, "structuredContent": self.document, "isError": False}


Steps = AsyncIterator[Progress | Said]


@dataclass(frozen=True)
class Tool:
    """A tool, for keys with its scope. It takes steps: `Progress` while it waits, `Said` at the end."""

    name: str
    title: str
    scope: Scope
    description: str
    arguments: dict[str, Any]
    answer: type[BaseModel]
    is_read_only: bool
    take: Callable[[Call], Steps]

    @property
    def definition(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": self.arguments,
            "outputSchema": self.answer.model_json_schema(mode="serialization"),
            "annotations": {
                "readOnlyHint": self.is_read_only,
                "destructiveHint": False,
                "idempotentHint": True,
                "openWorldHint": False,
            },
        }


async def steps_of(tool: Tool, call: Call) -> Steps:
    """The steps of a call, with all that can go wrong said in words that a model can act on."""
    try:
        async for step in tool.take(call):
            yield step
    except Problem as problem:
        yield _refusal(tool, problem)
    except Escalation.DoesNotExist:
        yield Said("You have no such handoff. Send the handoff_id that escalate_to_human gave you.")
    except PastValidity as error:
        yield Said(str(error))
    except CaseClosed:
        yield Said("The handoff is not open any more. Call check_handoff without a reply to see more.")
    except Exception as error:
        found = await database_threads.run(faults.problem_of, error)
        yield Said(_OF_THE_DESK.get(found.kind.slug, found.detail))


async def _escalate(call: Call) -> Steps:
    asked = _read(EscalateIn, call.arguments)
    opened = await _opened(call, asked)
    first = await database_threads.run(standing.standing_of, call.caller, opened.case_id, "0")
    async for step in _hold(call, first, asked.wait_seconds, repeated=opened.replayed):
        yield step


async def _check_handoff(call: Call) -> Steps:
    asked = _read(CheckHandoffIn, call.arguments)
    if asked.reply:
        await database_threads.run(_reply, call.caller, asked)
    if asked.outcome:
        await database_threads.run(_report, call.caller, asked.handoff_id, Delivery(asked.outcome))
    first = await database_threads.run(standing.standing_of, call.caller, asked.handoff_id, asked.after_turn)
    async for step in _hold(call, first, asked.wait_seconds):
        yield step


async def _should_escalate(call: Call) -> Steps:
    said = dict(call.arguments)
    if "agent" in said:
        raise Problem("invalid-request", errors=[Flaw("/agent", "There is no such field.")])
    agent = {"name": call.caller.agent_name, "version": said.pop("agent_version", "mcp")}
    asked = _read(CheckIn, {"agent": agent, **said})
    verdict = await database_threads.run(_verdict, call.caller, asked)
    if not verdict["escalate"]:
        words = "No rule asks for a person. Go on by yourself."
    else:
        reasons = " ".join(reason["detail"] for reason in verdict["reasons"])
        words = f"Hand this over with escalate_to_human. {reasons}"
    yield Said(words, verdict)


async def _hold(call: Call, first: Standing, seconds: float, *, repeated: bool = False) -> Steps:
    """Wait until there is something to say, and say it; nothing of the database is held while waiting."""
    now = asyncio.get_running_loop().time
    until, at = now() + seconds, first
    while not at.settles and (left := until - now()) > 0:
        yield Progress(
            "A person has it." if at.case.state == State.CLAIMED else "It waits for a person.", left
        )
        await wait_for_change(case_id=at.case.id, after_version=at.case.version, timeout=left)
        at = await database_threads.run(standing.look, call.credentials, at.case.id, first.after_turn)
    document = await database_threads.run(at.document, repeated=repeated)
    yield Said(standing.in_words(document), document)


async def _opened(call: Call, asked: EscalateIn) -> Opened:
    key = call.meta.get(KEY_IN_META)
    if key is not None and not (isinstance(key, str) and 0 < len(key) <= 200 and key.isprintable()):
        raise Problem("invalid-request", errors=[Flaw(f"/_meta/{KEY_IN_META}", "Send 1 to 200 letters.")])
    for pause in _IN_FLIGHT_PAUSES:
        try:
            return await database_threads.run(
                open_handoff, call.request, call.credentials, call.caller, asked, key
            )
        except Problem as problem:
            if problem.kind.slug != "request-in-flight":
                raise
        await asyncio.sleep(pause)
    return await database_threads.run(open_handoff, call.request, call.credentials, call.caller, asked, key)


def _verdict(caller: Caller, asked: CheckIn) -> dict[str, Any]:
    return checks.verdict(asked, policies.in_force(caller.agent_id, asked.agent.version))


def _reply(caller: Caller, asked: CheckHandoffIn) -> None:
    """Add what the agent or its user says; the same words to the same question are added once."""
    case = own_case(caller, asked.handoff_id)
    asked_in = case.turns_since.filter(author__isnull=False).order_by("-id")
    newest = asked_in.values_list("id", flat=True).first()
    said: dict[str, Any] = {"role": "user", "content": asked.reply}
    if asked.reply_from == "agent":
        said = {"role": "assistant", "name": caller.agent_name, "content": asked.reply}
    digest = idempotency.digest(f"{case.id} {newest}", json.dumps(said).encode())

    def act() -> str:
        transitions.add_message(case_id=case.id, messages=[said], actor=caller.actor)
        return ""

    key = f"mcp reply {digest}"
    idempotency.once(caller=caller, key=key, request_sha256=digest, case_id=case.id, act=act)


def _report(caller: Caller, case_id: UUID, outcome: Delivery) -> None:
    """Note what became of the decision. Saying the same twice is fine."""
    case = own_case(caller, case_id)
    try:
        transitions.acknowledge(case_id=case.id, outcome=outcome, detail="", actor=caller.actor)
    except CaseClosed:
        words = "There is no decision yet, or another outcome was reported before."
        raise Problem("invalid-request", errors=[Flaw("/outcome", words)]) from None


def _read(model: type[Arguments], arguments: Any) -> Arguments:
    return intake.validate(model, Body(json.dumps(arguments).encode(), arguments))


def _refusal(tool: Tool, problem: Problem) -> Said:
    lines = [f"{tool.name} was not carried out: {problem.detail}"]
    if problem.errors:
        lines = [f"{tool.name} was not carried out. Put this right and call it again:"]
        lines += [f"- {each.pointer or 'arguments'}: {each.detail}" for each in problem.errors]
    return Said("\n".join(lines))


def _checked_fields() -> dict[str, Any]:
    """The schema of `POST /checks` without the agent, who is known by the key."""
    schema = CheckIn.model_json_schema()
    del schema["properties"]["agent"], schema["required"], schema["$defs"]["AgentIn"]
    version = EscalateIn.model_json_schema()["properties"]["agent_version"]
    return schema | {"properties": schema["properties"] | {"agent_version": version}}


_ALL = [
    Tool(
        "escalate_to_human",
        "Ask a person",
        Scope.HANDOFFS,
        "Hand a question, an approval or a conversation over to a person at the desk, and wait for what they "
        "decide. If nobody decided within the wait, the answer is pending: call check_handoff then. Calling "
        "again with the same content makes no second case.",
        EscalateIn.model_json_schema(),
        Handoff,
        is_read_only=False,
        take=_escalate,
    ),
    Tool(
        "check_handoff",
        "Wait for the decision",
        Scope.HANDOFFS,
        "Look at a handoff again and wait for the decision, also after a restart. Answer what a person asks.",
        CheckHandoffIn.model_json_schema(),
        Handoff,
        is_read_only=False,
        take=_check_handoff,
    ),
    Tool(
        "should_escalate",
        "Ask whether a person is needed",
        Scope.CHECKS,
        "Whether your policy asks for a person here, by fixed rules and with every reason. Nothing is kept.",
        _checked_fields(),
        Verdict,
        is_read_only=True,
        take=_should_escalate,
    ),
]
TOOLS = {tool.name: tool for tool in _ALL}
