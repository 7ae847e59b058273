"""Datasets: what asks for a version, and what is told of them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from agents_api.schemas.answers import Answer
from agents_api.schemas.base import Strict

StateWord = Literal["waiting", "building", "ready", "blocked", "failed"]


class VersionIn(Strict):
    """Ask for the next version, of what the filter of the dataset finds when it is built."""

    note: Annotated[str, StringConstraints(max_length=200)] = Field(default="", description="Why it is made.")


class DatasetFileTold(Answer):
    """A file of a version."""

    format: str
    split: str = Field(
        description="`all` for what describes the version: rows, manifest, Croissant, datasheet."
    )
    name: str
    rows: int
    bytes: int
    sha256: str
    address: str


class HitTold(Answer):
    """Where personal data were still found after the redaction; never what."""

    case: str
    format: str
    pointer: str
    kind: str


class VersionTold(Answer):
    """One version of a dataset."""

    dataset: str
    number: int
    parent: int | None = Field(description="The version that was ready before it.")
    note: str
    state: StateWord
    problem: str = Field(description="Why it failed: `empty`, `disk` or `error`.")
    done: int = Field(description="Steps of the build that are done, of `expected`.")
    expected: int
    rows: dict[str, int] = Field(description="How many rows each split has.")
    left_out: dict[str, int] = Field(description="How many decisions were left out, by reason.")
    filter: dict[str, Any]
    created_at: datetime
    ready_at: datetime | None
    hits: list[HitTold]
    files: list[DatasetFileTold] = Field(description="Empty until it is ready.")
    manifest: dict[str, Any] = Field(description="Empty until it is ready.")


class DatasetTold(Answer):
    """A dataset. Its splits never change."""

    name: str
    description: str
    filter: dict[str, Any]
    validation_percent: int
    test_percent: int
    test_from: datetime | None
    drops_near_duplicates: bool
    salt: str
    newest_ready: int | None = Field(description="The number of the newest version that is ready.")


class DatasetList(Answer):
    items: list[DatasetTold]


class VersionList(Answer):
    """The newest first, 100 at most."""

    items: list[VersionTold]
