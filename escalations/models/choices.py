"""The words of a case: its states, kinds, reasons and priorities, as the API spells them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    CLAIMED = "claimed", _("Claimed")
    WAITING = "waiting", _("Waiting for a reply")
    SNOOZED = "snoozed", _("Snoozed")
    RESOLVED = "resolved", _("Resolved")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_STATES = [State.QUEUED, State.CLAIMED, State.WAITING, State.SNOOZED]


class Kind(models.TextChoices):
    APPROVAL = "approval", _("Approval")
    QUESTION = "question", _("Question")
    TAKEOVER = "takeover", _("Takeover")
    REVIEW = "review", _("Review")


class Reason(models.TextChoices):
    LOW_CONFIDENCE = "low_confidence", _("Low confidence")
    USER_REQUESTED = "user_requested", _("The user asked for a person")
    POLICY = "policy", _("A policy asks for a person")
    TOOL_ERROR = "tool_error", _("A tool failed")
    CHECKPOINT_FAILED = "checkpoint_failed", _("A checkpoint failed")
    BUDGET = "budget", _("Over budget")
    CONTEXT_LIMIT = "context_limit", _("The context is full")
    LOOP_DETECTED = "loop_detected", _("The agent went in circles")
    OUT_OF_SCOPE = "out_of_scope", _("Out of scope")
    OTHER = "other", _("Other")


class Fault(models.TextChoices):
    """What is wrong with the output of a step, or of a tool that it called."""

    OK = "ok", _("Passed")
    TIMEOUT = "timeout", _("Time-out")
    HTTP_ERROR = "http_error", _("HTTP error")
    HTML = "html_not_json", _("HTML instead of JSON")
    MISMATCH = "schema_mismatch", _("Does not fit its schema")
    EMPTY = "empty", _("Empty")
    STALE = "stale", _("Out of date")


class Priority(models.IntegerChoices):
    """Smaller is more urgent."""

    URGENT = 0, _("Urgent")
    HIGH = 1, _("High")
    NORMAL = 2, _("Normal")
    LOW = 3, _("Low")


class WaitingFor(models.TextChoices):
    """Whose reply a waiting case needs."""

    NOBODY = "", _("Nobody")
    AGENT = "agent", _("The agent")
    USER = "user", _("The user")


class Clock(models.TextChoices):
    """What must happen in time: the first claim of a cycle, the decision, the answer to the user."""

    PICKUP = "pickup"
    RESOLUTION = "resolution"
    RESPONSE = "response"


class OnExpiry(models.TextChoices):
    REJECT = "reject", _("Reject")
    DEFAULT = "default", _("Use the default resolution")
    FAIL = "fail", _("Fail")


class Delivery(models.TextChoices):
    """Whether the agent has the decision; apart from the state of the case."""

    NONE = "", _("Nothing to deliver")
    UNDELIVERED = "undelivered", _("Undelivered")
    DELIVERED = "delivered", _("Delivered")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    APPLIED = "applied", _("Applied")
    LATE = "late", _("Came too late")
