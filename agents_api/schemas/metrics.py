"""Figures, for the OpenAPI document; `agents_api.metrics` writes them."""

from pydantic import Field

from agents_api.schemas.answers import Answer


class MetricDefined(Answer):
    """One metric: what it is called and what it means."""

    name: str
    title: str
    meaning: str
    unit: str = Field(description="Of its values: `cases`, `seconds`, `usd` and the like.")


class MetricList(Answer):
    """All of them."""

    items: list[MetricDefined]
