"""The decision in the words of an agent framework: what its paused run is resumed with.

A format is a module with one function `render`; `RENDERERS` names all of them.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from agents_api.formats import a2a, ag_ui, agent_inbox, langgraph, mcp, openai_agents, pydantic_ai
from agents_api.formats.outcome import Outcome, outcome_of

__all__ = ["RENDERERS", "Format", "Outcome", "outcome_of", "render"]

RENDERERS: Mapping[str, Callable[[Outcome], Any]] = {
    "a2a": a2a.render,
    "ag_ui": ag_ui.render,
    "agent_inbox": agent_inbox.render,
    "langgraph": langgraph.render,
    "mcp": mcp.render,
    "openai_agents": openai_agents.render,
    "pydantic_ai": pydantic_ai.render,
}


def _known(name: str) -> str:
    if name not in RENDERERS:
        raise PydanticCustomError("format", "The formats are {names}.", {"names": ", ".join(RENDERERS)})
    return name


Format = Annotated[
    str,
    AfterValidator(_known),
    Field(
        description="Fills `resume_with` with the decision as this framework takes it.",
        json_schema_extra={"enum": list(RENDERERS)},
    ),
]


def render(name: str, outcome: Outcome) -> Any:
    """What a paused run of the framework `name` is resumed with, as a JSON value."""
    return RENDERERS[name](outcome)
