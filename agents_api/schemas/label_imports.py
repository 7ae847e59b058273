"""Labels that were made elsewhere: what brings them, and what is told of an import."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from agents_api.schemas.answers import Answer
from agents_api.schemas.base import JsonObject, Strict

LINES_MAX = 10_000


class LabelsIn(Strict):
    """Decisions and what their labels shall be."""

    lines: list[JsonObject] = Field(
        min_length=1,
        max_length=LINES_MAX,
        description="Each as `docs/labels.schema.json` says: `resolution` or `case`, and `labels`. A label "
        "that is left out stays as it is. Each line is taken or refused by itself; the same line twice "
        "changes nothing.",
    )
    source: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="", description="Where they come from; shown beside the import."
    )
    all_or_nothing: bool = Field(default=False, description="Write nothing if one line is refused.")
    over_settled: bool = Field(default=False, description="Replace adjudicated and gold labels, too.")


class LabelImportTold(Answer):
    """How far an import is, and what came of it."""

    id: int
    state: Literal["waiting", "running", "done", "refused"] = Field(
        description="`refused`: all or nothing was asked for, and a line was refused; nothing was written."
    )
    source: str
    all_or_nothing: bool
    over_settled: bool
    lines: int
    imported: int
    unchanged: int = Field(description="Lines that say what was in force already.")
    refused: int
    created_at: datetime
    finished_at: datetime | None
    refusals: str = Field(description="The address of what was refused.")


class RefusalTold(Answer):
    """What is wrong with a line, and where in it."""

    line: int = Field(description="Counted from 1.")
    pointer: str = Field(description="A JSON Pointer (RFC 6901) into the line; empty for all of it.")
    code: str
    reason: str


class RefusalPage(Answer):
    """What was refused, by line."""

    items: list[RefusalTold]
    next_after: int | None = Field(description="`after` of the next page, if there is one.")
