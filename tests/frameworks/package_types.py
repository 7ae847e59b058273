"""Run with the frameworks: reads values of `?format=`, writes what the packages' own types make of them."""

import json
import sys
import warnings
from typing import Any

from a2a.types import Task
from ag_ui.core import ResumeEntry
from google.protobuf.json_format import MessageToDict, ParseDict
from mcp.types import ElicitResult
from pydantic import TypeAdapter
from pydantic_ai import DeferredToolResults

with warnings.catch_warnings(action="ignore"):  # they are said to have moved, to where they are not
    from langchain.agents.middleware.human_in_the_loop import HITLResponse
    from langgraph.prebuilt.interrupt import HumanResponse

    TYPES: dict[str, TypeAdapter[Any]] = {
        "ag_ui": TypeAdapter(list[ResumeEntry]),
        "agent_inbox": TypeAdapter(list[HumanResponse]),
        "langgraph": TypeAdapter(dict[str, HITLResponse]),
        "mcp": TypeAdapter(ElicitResult),
        "pydantic_ai": TypeAdapter(DeferredToolResults),
    }


def taken(name: str, value: Any) -> Any:
    """The value as the type of that format holds it, as JSON again."""
    if name == "a2a":
        return MessageToDict(ParseDict(value, Task()))
    own = TYPES[name].validate_python(value)
    if name == "pydantic_ai":
        own.to_tool_call_results()  # refuses what the type lets pass
    return TYPES[name].dump_python(own, mode="json", by_alias=True)


values = json.load(sys.stdin)
json.dump([{name: taken(name, value) for name, value in each.items()} for each in values], sys.stdout)
