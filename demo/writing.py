"""Small words to write handoffs with. A `Scenario` is a case as an agent would hand it off, still without
ids and times; `render` adds them."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from escalations.models import FailureMode

Json = dict[str, Any]
# A message, or a tool call together with its result.
Part = Json | list[Json]

# The newest version of each agent.
VERSIONS = {"billing": "2.3", "support": "1.8", "travel": "0.9"}
_MODEL = "example-large-2"
_FRAMEWORKS = {"billing": "langgraph", "support": "pydantic-ai", "travel": "openai-agents"}
_PROMPTS = {
    "billing": "You are the billing agent of Fernhill Software. Explain invoices, correct mistakes, "
    "follow the refund policy: refunds go to the payer, sums above $500 need a person. Ask before changes.",
    "support": "You are the support agent of Halden Home, which sells lamps, locks and heating controls. "
    "Find the order first, then the fault, then the remedy. Never promise what the warranty does not cover.",
    "travel": "You are the travel agent of Northway. Search, hold and change bookings. Quote fare rules only "
    "as the fare service gives them, and repeat dates, names and totals before you book.",
}


@dataclass(frozen=True)
class Scenario:
    """One case, and the failure mode that it shows. `later` is what the user says while it waits."""

    failure: FailureMode
    payload: Json
    expires_in: timedelta | None = None
    later: tuple[str, ...] = ()

    @property
    def agent(self) -> str:
        return str(self.payload["agent"]["name"])


def user(text: str) -> Json:
    return {"role": "user", "content": text}


def says(text: str) -> Json:
    """What the agent said to the user."""
    return {"role": "assistant", "content": text}


def tool(name: str, arguments: Json, result: Any) -> list[Json]:
    """A tool call and what came back; a result that is no string is sent as JSON."""
    content = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    call = {
        "type": "function",
        "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)},
    }
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "name": name, "content": content},
    ]


def action(name: str, arguments: Json, schema: Json, *, why: str, risk: str = "medium", **more: Any) -> Json:
    """A tool call that waits for approval. `why` describes it to the operator."""
    return {
        "name": name,
        "arguments": arguments,
        "input_schema": schema,
        "description": why,
        "risk": risk,
    } | more


def fields(required: Mapping[str, Any], **optional: Any) -> Json:
    """The JSON Schema of an object with these properties and no others."""
    return {
        "type": "object",
        "properties": dict(required) | optional,
        "required": list(required),
        "additionalProperties": False,
    }


def step(name: str, *, ok: bool = True, call: int | None = None, seconds: float = 0.8, **more: Any) -> Json:
    """A step of the run. `call` counts tool calls from 0; `checkpoint` names what was checked."""
    checkpoint = more.pop("checkpoint", None)
    errors = more.pop("errors", [])
    made: Json = {"name": name, "status": "ok" if ok else "failed", "_call": call, "_seconds": seconds} | more
    if checkpoint:
        made["checkpoint"] = {"schema": checkpoint, "passed": not errors, "errors": errors}
    return made


def usage(turns: int, tokens: int, cost: str, seconds: int, retries: int = 0) -> Json:
    """What the run used; `cost` in dollars."""
    return {
        "turns": turns,
        "context_tokens": tokens,
        "cost_usd": cost,
        "seconds": seconds,
        "retries": retries,
    }


def known(facts: Json, decisions: Iterable[str] = (), preferences: Json | None = None) -> Json:
    """The structured state that the agent kept apart from the conversation."""
    return {"facts": facts, "decisions": list(decisions), "preferences": preferences or {}}


def scenario(
    agent: str,
    failure: FailureMode,
    talk: Iterable[Part],
    *,
    skills: Iterable[str] = (),
    priority: str = "normal",
    confidence: tuple[float, str] | None = None,
    actions: Iterable[Json] = (),
    expires_in: timedelta | None = None,
    later: tuple[str, ...] = (),
    **payload: Any,
) -> Scenario:
    """A scenario from its parts; `payload` are further fields of a handoff as the API names them."""
    pending = [item | {"tool_call_id": f"call_p{number}"} for number, item in enumerate(actions, 1)]
    body: Json = {
        "agent": {
            "name": agent,
            "version": VERSIONS[agent],
            "model": _MODEL,
            "framework": _FRAMEWORKS[agent],
        },
        "messages": _messages(agent, talk, pending),
        "routing": {"queue": agent, "skills": list(skills), "priority": priority},
        **payload,
    }
    if pending:
        body["pending_actions"] = pending
    if confidence:
        body["confidence"], body["confidence_source"] = confidence
    return Scenario(failure, body, expires_in, later)


def render(story: Scenario, *, now: datetime, new_id: Callable[[], str]) -> Json:
    """The handoff to post at `now`: with a conversation and a run of its own, and times for its steps."""
    payload = story.payload | {"conversation_id": f"conv_{new_id()}", "run_id": f"run_{new_id()}"}
    if steps := story.payload.get("steps"):
        payload["steps"] = _timed(steps, payload["messages"], now)
    if story.expires_in:
        payload["sla"] = {"expires_at": _text(now + story.expires_in), "on_expiry": "fail"}
    return payload


def _messages(agent: str, talk: Iterable[Part], pending: list[Json]) -> list[Json]:
    """The conversation in order; results get the id of the call before them, pending calls come last."""
    messages: list[Json] = [{"role": "system", "content": _PROMPTS[agent]}]
    calls = 0
    for part in talk:
        if isinstance(part, dict):
            messages.append(part)
            continue
        calls += 1
        request, result = part
        [call] = request["tool_calls"]
        messages.append(request | {"tool_calls": [{"id": f"call_{calls}"} | call]})
        messages.append({"role": "tool", "tool_call_id": f"call_{calls}"} | result)
    if pending:
        calls_held_back = [_as_call(item) for item in pending]
        messages.append({"role": "assistant", "content": None, "tool_calls": calls_held_back})
    return messages


def _as_call(pending: Json) -> Json:
    function = {"name": pending["name"], "arguments": json.dumps(pending["arguments"], ensure_ascii=False)}
    return {"id": pending["tool_call_id"], "type": "function", "function": function}


def _timed(steps: list[Json], messages: list[Json], now: datetime) -> list[Json]:
    """Steps with ids, times that end at `now`, and the messages that they belong to."""
    calls = [index for index, message in enumerate(messages) if message.get("tool_calls")]
    end, timed = now, []
    for number, item in reversed(list(enumerate(steps, 1))):
        start = end - timedelta(seconds=item["_seconds"])
        made: Json = {"id": f"step-{number}", "started_at": _text(start), "ended_at": _text(end)}
        if item["_call"] is not None:
            made["message_index"] = calls[item["_call"]]
        timed.append({key: value for key, value in item.items() if not key.startswith("_")} | made)
        end = start - timedelta(seconds=0.2)
    return timed[::-1]


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
