"""A client of the Model Context Protocol: its model finds the desk's tools, asks a person, and goes on.

The model is left out: what it would call is written down here. This client gives a call up after a second and
makes it again, as real ones do after a minute; that makes no second handoff.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

QUESTION = {
    "question": "May I refund $900 for order W100?",
    "conversation_id": "W100",
    "messages": [{"role": "user", "content": "My order W100 never came. I want my $900 back."}],
    "pending_actions": [
        {"tool_call_id": "call_1", "name": "refund", "arguments": {"order": "W100", "amount": 900}}
    ],
}


@asynccontextmanager
async def desk() -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {os.environ['HANDRAIL_KEY']}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(f"{os.environ['HANDRAIL_URL']}/mcp", http_client=http)) as client,
    ):
        yield client


async def hand_off() -> str:
    async with desk() as client:
        print(*(tool.name for tool in (await client.list_tools()).tools), file=sys.stderr)
        try:
            await client.call_tool("escalate_to_human", QUESTION, read_timeout_seconds=1)
        except MCPError:  # nobody decides within a second
            again = await client.call_tool("escalate_to_human", QUESTION | {"wait_seconds": 0})
            return again.structured_content["handoff_id"]
    raise AssertionError("somebody decided within a second")


async def resume(handoff: str) -> str:
    async with desk() as client:
        case = await decided(client, handoff)
        if case["decision"] is None or case["delivery"] in ("applied", "late"):
            return f"Nothing to do: {case['delivery'] or case['status']}."
        for action in case["decision"]["actions"]:
            if action["decision"] in ("approve", "edit"):
                refund(action["arguments"] or QUESTION["pending_actions"][0]["arguments"])
        await client.call_tool("check_handoff", {"handoff_id": handoff, "outcome": "applied"})
        return case["elicitation"]["action"]


async def decided(client: Client, handoff: str) -> dict[str, Any]:
    """Wait as long as it takes, with a call for each minute. Who asks back gets an answer, and goes on."""
    more = {"after_turn": "0"}
    while True:
        asked = {"handoff_id": handoff} | more
        result = await client.call_tool("check_handoff", asked, progress_callback=waiting)
        if result.is_error:
            sys.exit(result.content[0].text)
        case = result.structured_content
        if case["status"] not in ("pending", "asked"):
            return case
        more = {"after_turn": case["after_turn"]}
        if case["status"] == "asked":
            more["reply"] = "I know no more than what I sent."


async def waiting(seconds: float, of: float | None, words: str | None) -> None:
    print(f"{words} {seconds:.0f} s", file=sys.stderr)


def refund(arguments: dict[str, Any]) -> None:
    print("refund", arguments["order"], arguments["amount"])


match sys.argv[1:]:
    case ["hand-off"]:
        print(asyncio.run(hand_off()))
    case ["resume", handoff]:
        print(asyncio.run(resume(handoff)))
