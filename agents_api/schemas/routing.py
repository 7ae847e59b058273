"""Why nobody has a case yet, for the OpenAPI document; `agents_api.endpoints.routing` writes it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from agents_api.schemas.answers import Answer
from escalations.routing import Turn
from escalations.routing.eligibility import WhyNot

RingWord = Literal["exact", "required", "overflow", "several"]
WhyNotWord = Annotated[str, Field(json_schema_extra={"enum": ["none", *filter(None, WhyNot.values)]})]


class Trigger(Answer):
    """One reason why the case is at the desk."""

    code: str
    fact: str
    measure: str


class Rank(Answer):
    """What the place in the order of work is made of. A smaller `rank` is taken first."""

    priority: int
    rank: int
    infeasible: bool = Field(description="It comes last, because it cannot be decided before it expires.")
    received_at: datetime
    due_at: datetime
    waited_seconds: int
    weight: int = Field(description="How much of a person's capacity the case takes.")


class RingTurn(Answer):
    """One ring of the search for a person. Each is wider than the one before."""

    ring: RingWord
    turn: Turn = Field(description="`skipped`: it was its turn, and nobody in it was there.")
    there: int = Field(description="How many people in it are there, with room for the case or not.")


class Look(Answer):
    """One time that the router did or saw something new."""

    at: datetime
    ring: RingWord
    offered: int = Field(description="To how many people the case was offered.")


class PeopleFor(Answer):
    """The people for whom one reason holds."""

    reason: WhyNotWord = Field(description="`none` for those who can be offered it.")
    meaning: str
    count: int
    people: list[str] = Field(description="Opaque ids, the same in each answer; up to 100.")


class RoutingAccount(Answer):
    """Where the search for a person stands at this moment."""

    handoff_id: UUID
    waiting: bool = Field(description="Whether the case waits for anybody to take it.")
    triggers: list[Trigger]
    rank: Rank
    ahead: int = Field(description="Cases to be taken before this one, counted up to 200.")
    ring: RingWord | None = Field(description="How far the search has widened; null if nobody is there.")
    rings: list[RingTurn] = Field(description="How far the search has come; empty if the case waits not.")
    rings_tried: list[Look] = Field(description="The last ten, newest first.")
    people: list[PeopleFor] = Field(description="The nearest to an offer first.")
