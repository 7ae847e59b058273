"""The parts of a handoff: who, what was done, what is proposed, how soon, and what to send back."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.types import JsonValue
from pydantic_core import PydanticCustomError

from agents_api.schemas.base import (
    Count,
    JsonObject,
    Line,
    Moment,
    Name,
    Prose,
    Seconds,
    Share,
    Slug,
    Strict,
    Uri,
)
from agents_api.schemas.checks import canonical_digest, check_json_schema
from agents_api.schemas.messages import Content, ToolCall
from escalations.models import OnExpiry

ITEMS_MAX = 200

JsonSchema = Annotated[
    JsonObject,
    AfterValidator(check_json_schema),
    Field(description="A JSON Schema, draft 2020-12, without remote references."),
]
Digest = Annotated[
    str,
    StringConstraints(pattern=r"^sha-256=[0-9a-f]{64}$"),
    Field(
        description="`sha-256=` and the hexadecimal SHA-256 of the arguments as canonical JSON (RFC 8785)."
    ),
]
Money = Annotated[
    Decimal, Field(ge=0, le=999_999), AfterValidator(lambda amount: amount.quantize(Decimal("0.000001")))
]
NameOrSchema = Annotated[
    Annotated[Line, Tag("(name)")] | Annotated[JsonObject, Tag("(schema)")],
    Discriminator(lambda given: "(schema)" if isinstance(given, dict) else "(name)"),
    Field(description="The name of the JSON Schema, or the schema itself."),
]
DecisionWord = Literal["approve", "edit", "reject", "respond"]


class AgentIn(Strict):
    name: Name
    version: Name = Field(description="Registered when it is first seen.")
    model: Line | None = None
    framework: Line | None = None


class CheckpointIn(Strict):
    schema_: NameOrSchema | None = Field(default=None, alias="schema")
    passed: bool
    errors: list[JsonValue] = Field(default=[], max_length=ITEMS_MAX)


class StepIn(Strict):
    id: Line | None = None
    name: Line
    started_at: Moment | None = None
    ended_at: Moment | None = None
    message_index: Count | None = Field(
        default=None, description="Which of `messages`, as sent, counted from 0."
    )
    status: Literal["ok", "failed", "error", "skipped", "running"] | None = None
    checkpoint: CheckpointIn | None = None
    input: JsonValue = None
    output: JsonValue = None


class PendingActionIn(Strict):
    """A tool call that the agent holds back until somebody decides."""

    tool_call_id: Line
    name: Line
    arguments: JsonObject = {}
    current: JsonObject = Field(
        default={},
        description="What arguments are today, before the action, by their names: so people see what would "
        "change. `null` where there is nothing yet. Of others the desk asks the answers of tools, and facts.",
    )
    input_schema: JsonSchema | None = None
    description: Prose | None = None
    risk: Literal["low", "medium", "high", "critical"] | None = None
    allowed_decisions: list[DecisionWord] | None = Field(default=None, min_length=1, max_length=4)
    digest: Digest | None = None

    @field_validator("arguments")
    @classmethod
    def _have_a_digest(cls, arguments: JsonObject) -> JsonObject:
        # Tried even when none was sent: the decision will be bound to it.
        canonical_digest(arguments)
        return arguments

    @field_validator("current")
    @classmethod
    def _is_about_arguments(cls, current: JsonObject, info: ValidationInfo) -> JsonObject:
        for name in current.keys() - info.data.get("arguments", current).keys():
            raise PydanticCustomError(
                "current", "`{name}` is none of the arguments. Leave it out.", {"name": name[:200]}
            )
        return current

    @field_validator("digest")
    @classmethod
    def _is_of_the_arguments(cls, digest: str | None, info: ValidationInfo) -> str | None:
        if digest is not None and "arguments" in info.data:
            found = canonical_digest(info.data["arguments"])
            if digest != found:
                raise PydanticCustomError(
                    "digest", "The digest of these arguments is {found}.", {"found": found}
                )
        return digest


class SuggestionIn(Strict):
    """What the agent would have said or done."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["content"]}, {"required": ["tool_calls"]}]}
    )

    content: Content = None
    tool_calls: list[ToolCall] | None = None
    confidence: Share | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set & {"content", "tool_calls"}:
            raise PydanticCustomError("suggestion", "A suggestion has content or tool_calls.")
        return self


class ContextIn(Strict):
    facts: JsonObject = {}
    decisions: list[JsonValue] = []
    preferences: JsonObject = {}


class UsageIn(Strict):
    turns: Count | None = None
    context_tokens: Count | None = None
    cost_usd: Money | None = None
    seconds: Seconds | None = None
    retries: Count | None = None


class AttachmentIn(Strict):
    uri: Uri
    mime_type: Line | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")] | None = None


class RoutingIn(Strict):
    queue: Slug | None = None
    skills: list[Slug] = Field(default=[], max_length=20)
    preferred_skills: list[Slug] = Field(
        default=[],
        max_length=20,
        description="Wanted, but given up after a minute, or at once if nobody who has them is there.",
    )
    priority: Literal["urgent", "high", "normal", "low"] = "normal"


class DefaultResolutionIn(Strict):
    """What counts when nobody decided in time."""

    decision: Literal["approve", "reject", "respond"]
    message: Prose = ""
    response: JsonValue = None


class SlaIn(Strict):
    respond_by: Moment | None = None
    expires_at: Moment | None = Field(default=None, description="The hard limit; in the future.")
    on_expiry: OnExpiry = OnExpiry.FAIL
    default_resolution: DefaultResolutionIn | None = Field(default=None, validate_default=True)

    @field_validator("expires_at")
    @classmethod
    def _not_before_respond_by(cls, expires_at: Any, info: ValidationInfo) -> Any:
        respond_by = info.data.get("respond_by")
        if expires_at and respond_by and expires_at < respond_by:
            raise PydanticCustomError("order", "expires_at lies before respond_by.")
        return expires_at

    @field_validator("default_resolution")
    @classmethod
    def _there_when_it_counts(cls, resolution: Any, info: ValidationInfo) -> Any:
        if resolution is None and info.data.get("on_expiry") is OnExpiry.DEFAULT:
            raise PydanticCustomError(
                "default_resolution", "on_expiry is default, so default_resolution is required."
            )
        return resolution


class StateIn(Strict):
    """Anything the agent needs to go on. Opaque: it comes back byte for byte with the decision."""

    model_config = ConfigDict(extra="allow")

    media_type: Line = "application/json"
    data: JsonValue = None


class CallbackIn(Strict):
    """Where webhooks about this one case go, besides the endpoints that are registered for the agent.

    The origin of `url` (scheme, host and port) must be registered for the agent; its secret signs.
    """

    url: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[!-~]+$")] = Field(
        json_schema_extra={"format": "uri"}
    )
    events: list[
        Literal[
            "handoff.claimed",
            "handoff.message",
            "handoff.waiting",
            "handoff.resolved",
            "handoff.expired",
            "handoff.reopened",
        ]
    ] = Field(default=["handoff.resolved", "handoff.expired"], min_length=1, max_length=6)
