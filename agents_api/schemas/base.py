"""The building blocks of every schema: a strict model, and strings that fit their columns."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from escalations.handoffs.attachments import URI_MAX, URI_PATTERN

# PostgreSQL's `integer`.
INT_MAX = 2**31 - 1

# `state` is opaque, `metadata` is the agent's own: any JSON value.
JsonObject = dict[str, Any]

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
Prose = Annotated[str, StringConstraints(max_length=20_000)]
Uri = Annotated[
    str,
    StringConstraints(max_length=URI_MAX, pattern=URI_PATTERN),
    Field(json_schema_extra={"format": "uri"}),
]
Count = Annotated[int, Field(ge=0, le=INT_MAX)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
ConfidenceSource = Literal["self_report", "logprob", "judge", "vote", "heuristic"]
# Far enough for any deadline, and within what Python and PostgreSQL both can hold. In UTC: PostgreSQL refuses
# some of the offsets that RFC 3339 allows.
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC)),
    AfterValidator(lambda moment: moment.astimezone(UTC)),
]
Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class Strict(BaseModel):
    """Nothing is coerced, and a field that is not known is an error rather than ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
