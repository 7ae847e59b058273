"""Figures, for the OpenAPI document; `agents_api.endpoints.metrics` writes them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from agents_api.schemas.answers import Answer

ShapeWord = Literal["count", "share", "values", "rate", "parts", "gini"]
TopicWord = Literal["flow", "time", "people", "quality", "cost", "delivery", "health"]


class PartDefined(Answer):
    name: str
    title: str


class MetricDefined(Answer):
    """One metric: what it is called, what it means and how its facts are found."""

    name: str
    title: str
    meaning: str
    topic: TopicWord
    shape: ShapeWord = Field(
        description="What the figure is: a count, the share of a part, percentiles, a count per another "
        "metric's, the shares of all parts, or how unevenly something is spread over people."
    )
    unit: str = Field(description="Of its values: `seconds`, `usd` and the like.")
    stands: str | None = Field(description="Which of the statistics of its values stands for them.")
    parts: list[PartDefined]
    share: str | None = Field(description="The part whose share is the figure.")
    per: str | None = Field(description="The metric whose count it is divided by.")
    label: str | None = Field(description="What `by=label` tells apart.")
    is_now: bool = Field(description="It is of this moment: no period applies but to its buckets.")
    came: list[str] = Field(
        description="The metrics that count what came. By these, and by `went`, a metric of this moment has "
        "buckets: in each the count at its end, or now, and no other statistics."
    )
    went: list[str] = Field(description="The metrics that count what went.")
    matures_days: int | None = Field(description="For so long a fact may still change its part.")
    sql: str = Field(description="The statement that gives its facts.")


class MetricList(Answer):
    """All of them."""

    items: list[MetricDefined]


class PartFigure(Answer):
    n: int
    share: float | None
    interval: tuple[float, float] = Field(description="Of the share, 95%.")


class FigureTold(Answer):
    """What a metric came to. What does not apply to it is null."""

    n: int
    value: float | None = Field(
        description="The one number for it: a count, a share, a coefficient, or what `stands` names."
    )
    enough: bool = Field(description="Whether there is data enough to name a share or a percentile.")
    of: int | None = Field(description="What a rate is divided by.")
    people: int | None = Field(description="Over how many people a Gini coefficient is.")
    share: float | None
    interval: tuple[float, float] | None = Field(description="Of the share, 95%.")
    parts: dict[str, PartFigure]
    p50: float | None = Field(
        description="Of its values. Null for `wait`, where some still wait: `survival` has the median."
    )
    p90: float | None
    p95: float | None
    mean: float | None
    highest: float | None
    binned: bool = Field(description="Percentiles are within 4.5%, because there are many values.")


class SurvivalTold(Answer):
    """How long until the first claim, by Kaplan and Meier: who still waits counts with the time so far."""

    n: int
    events: int = Field(description="To how many of them it happened.")
    median: float | None = Field(description="In seconds; null while more than half still wait.")
    interval: tuple[float | None, float | None] = Field(description="Of the median, 95%.")


class GroupTold(Answer):
    key: str
    figure: FigureTold
    survival: SurvivalTold | None = Field(description="Of `wait` alone.")


class BucketTold(Answer):
    start: datetime
    figure: FigureTold
    survival: SurvivalTold | None = Field(description="Of `wait` alone.")


class MetricTold(Answer):
    """A metric in a period, the period before, and what it was asked to be told apart by."""

    metric: MetricDefined
    since: datetime
    until: datetime
    figure: FigureTold
    before: FigureTold | None = Field(description="Of the period of the same length before.")
    difference: float | None = Field(
        description="How much `value` grew; null where one of the two has not enough data."
    )
    notable: bool = Field(
        description="Whether that is more than chance: intervals of shares do not meet; else a tenth or more."
    )
    change: float | None = Field(description="How much `value` grew, as a share of what it was.")
    immature: bool = Field(description="The period ends so lately that its figure may still change.")
    survival: SurvivalTold | None = Field(
        description="Of `wait` alone, whose values are in part of cases that still wait."
    )
    groups: list[GroupTold] | None
    buckets: list[BucketTold] | None


class RowTold(Answer):
    """One fact."""

    at: datetime
    handoff_id: UUID | None
    agent: str
    version: str
    queue: str
    part: str
    label: str
    value: float | None


class RowPage(Answer):
    items: list[RowTold]
    next_cursor: str | None
