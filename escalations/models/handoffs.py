"""What agents and people sent: the heavy handoff, which only pages of a case read, and the turns since."""

import json
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models.functions import Now

from escalations.models.cases import Escalation
from escalations.models.people import Operator


class Handoff(models.Model):
    """What the agent sent, byte for byte; immutable.

    `messages` is filled only where they did not come as OpenAI chat: the same turns, normalised once.
    `callback` is where its agent wants to be told of this case: `url`, the `origin` of it, and `events`.
    """

    case = models.OneToOneField(
        Escalation, on_delete=models.CASCADE, primary_key=True, related_name="handoff"
    )
    body = models.TextField()
    normalised_messages = models.TextField(blank=True)
    traceparent = models.CharField(max_length=55, blank=True)
    tracestate = models.CharField(max_length=512, blank=True)
    callback = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"Handoff {self.case_id}"

    @cached_property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.body)
        return payload

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation up to the handoff, as OpenAI chat messages."""
        if self.normalised_messages:
            messages: list[dict[str, Any]] = json.loads(self.normalised_messages)
            return messages
        return list(self.payload["messages"])


class Turn(models.Model):
    """A turn since the handoff, as an OpenAI chat message: of the user or the agent, or of `author`."""

    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="turns_since")
    author = models.ForeignKey(
        Operator, on_delete=models.PROTECT, null=True, related_name="turns", db_index=False
    )
    message = models.JSONField()
    # By which the same words, sent again after a lost answer, are known; see `transitions.say`.
    sent_as = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Turn {self.pk} of {self.case_id}"
