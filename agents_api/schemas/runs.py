"""Finished runs as agents report them, and what the desk says to each."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from pydantic.types import JsonValue

from agents_api.schemas.answers import Answer, Flaw
from agents_api.schemas.base import ConfidenceSource, Count, Line, Moment, Name, Share, Strict
from agents_api.schemas.parts import AgentIn, UsageIn

RUNS_MAX = 1_000


class RunIn(Strict):
    """A run that finished and was not handed off."""

    agent: AgentIn
    run_id: Line = Field(description="Your own name for the run. A run is reported once.")
    finished_at: Moment
    conversation_id: Line | None = None
    confidence: Share | None = None
    confidence_source: ConfidenceSource | None = None
    category: Name | None = None
    usage: UsageIn | None = None
    tool_errors: Count | None = None


class RunsIn(Strict):
    """Finished runs, of one version of the agent or of several."""

    runs: Annotated[list[RunIn], Field(min_length=1, max_length=RUNS_MAX)]


class UncheckedRuns(Strict):
    """The same, before each run is looked at."""

    runs: Annotated[list[JsonValue], Field(min_length=1, max_length=RUNS_MAX)]


class RunTaken(Answer):
    run_id: str | None = Field(description="Null where the run was refused and has none that is valid.")
    status: Literal["accepted", "duplicate", "refused"] = Field(
        description="`duplicate`: a run of this run_id was there before, and stays as it is."
    )
    drawn: bool = Field(description="Whether the run is in the audit sample.")
    errors: list[Flaw] = Field(description="Why the run was refused.")


class RunsTaken(Answer):
    """What became of each run, in the order of the request."""

    accepted: int
    duplicate: int
    refused: int
    send_in_full: list[str] = Field(
        description="The run_ids that were drawn and have no audit yet. Post the full state of each as a "
        "handoff of kind `review` with this `run_id`."
    )
    results: list[RunTaken]


class OwedRun(Answer):
    """A run that was drawn for the audit, and whose full state the desk has not got."""

    run_id: str
    agent_version: str
    conversation_id: str | None
    category: str | None
    confidence: float | None
    sampling_probability: float = Field(description="The audit rate at which it was drawn.")
    finished_at: datetime
    received_at: datetime


class OwedRuns(Answer):
    items: list[OwedRun]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null at the end.")
