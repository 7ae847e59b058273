"""The words of a case: its states, kinds, reasons and priorities, as the API spells them."""

from django.db import models


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    CLAIMED = "claimed", "Claimed"
    WAITING = "waiting", "Waiting for a reply"
    SNOOZED = "snoozed", "Snoozed"
    RESOLVED = "resolved", "Resolved"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


OPEN_STATES = [State.QUEUED, State.CLAIMED, State.WAITING, State.SNOOZED]


class Kind(models.TextChoices):
    APPROVAL = "approval", "Approval"
    QUESTION = "question", "Question"
    TAKEOVER = "takeover", "Takeover"
    REVIEW = "review", "Review"


class Reason(models.TextChoices):
    LOW_CONFIDENCE = "low_confidence", "Low confidence"
    USER_REQUESTED = "user_requested", "The user asked for a person"
    POLICY = "policy", "A policy asks for a person"
    TOOL_ERROR = "tool_error", "A tool failed"
    CHECKPOINT_FAILED = "checkpoint_failed", "A checkpoint failed"
    BUDGET = "budget", "Over budget"
    CONTEXT_LIMIT = "context_limit", "The context is full"
    LOOP_DETECTED = "loop_detected", "The agent went in circles"
    OUT_OF_SCOPE = "out_of_scope", "Out of scope"
    OTHER = "other", "Other"


class Priority(models.IntegerChoices):
    """Smaller is more urgent."""

    URGENT = 0, "Urgent"
    HIGH = 1, "High"
    NORMAL = 2, "Normal"
    LOW = 3, "Low"


class WaitingFor(models.TextChoices):
    """Whose reply a waiting case needs."""

    NOBODY = "", "Nobody"
    AGENT = "agent", "The agent"
    USER = "user", "The user"


class OnExpiry(models.TextChoices):
    REJECT = "reject", "Reject"
    DEFAULT = "default", "Use the default resolution"
    FAIL = "fail", "Fail"


class Delivery(models.TextChoices):
    """Whether the agent has the decision; apart from the state of the case."""

    NONE = "", "Nothing to deliver"
    UNDELIVERED = "undelivered", "Undelivered"
    DELIVERED = "delivered", "Delivered"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    APPLIED = "applied", "Applied"
    LATE = "late", "Came too late"
