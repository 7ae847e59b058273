"""The proposed actions of a case: what the agent wants to do, and what a person makes of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models import Decision
from escalations.transitions import decisions
from escalations.transitions.errors import Flaw
from escalations.transitions.resolve import ActionDecision
from operators.case.conversation import Turn
from operators.case.standing import Source, Standing, sources, standing
from operators.fields import json_text
from operators.rendering.difference import Chunk, chunks, diff_lines, pretty_json

# Past this many characters JSON is no longer edited in a browser, nor compared.
EDITABLE = 200_000
_RISKS = {
    "low": gettext_lazy("low risk"),
    "medium": gettext_lazy("medium risk"),
    "high": gettext_lazy("high risk"),
    "critical": gettext_lazy("critical risk"),
}


@dataclass(frozen=True)
class Action:
    """One pending action. `edited` is its arguments as typed, None while nobody touched them.

    `told` is what was said about the world that the action would change.
    """

    index: int
    proposed: Mapping[str, Any]
    told: Sequence[Source]
    edited: str | None = None

    @property
    def name(self) -> str:
        return str(self.proposed["name"])

    @property
    def risk(self) -> str:
        """How risky the agent says it is, in words."""
        return str(_RISKS.get(self.proposed.get("risk") or "", ""))

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """What the agent proposed, as an object."""
        arguments = decisions.as_object(self.proposed.get("arguments") or {})
        return arguments if isinstance(arguments, dict) else {}

    @property
    def text(self) -> str:
        """The arguments as indented JSON: where an edit starts."""
        return pretty_json(self.arguments)

    @property
    def original(self) -> str:
        """The arguments on one line, for the browser to compare with."""
        return json.dumps(self.arguments, ensure_ascii=False)

    @property
    def typed(self) -> str:
        return self.text if self.edited is None else self.edited

    @property
    def is_editable(self) -> bool:
        return len(self.original) <= EDITABLE

    @property
    def digest(self) -> str:
        return decisions.digest(self.proposed.get("arguments"))

    @property
    def short_digest(self) -> str:
        digest = self.digest.removeprefix("sha-256=")
        return f"{digest[:4]}…{digest[-4:]}"

    @property
    def field(self) -> str:
        return f"action-{self.index}-arguments"

    @property
    def deny_field(self) -> str:
        return f"action-{self.index}-deny"

    @property
    def digest_field(self) -> str:
        """Its field says back which arguments were on the page."""
        return f"action-{self.index}-digest"

    @property
    def diff(self) -> list[Chunk]:
        """Lines with signs: the edit against the proposal, or the proposal against how things stand."""
        if not self.is_editable:
            return chunks([(" ", line) for line in self.text[:EDITABLE].splitlines()])
        if self.is_changed:
            return chunks(diff_lines(self.arguments, json_text.parse(self.typed)))
        return chunks(diff_lines(self.current or None, self.arguments))

    @property
    def is_edited(self) -> bool:
        """Whether something else than the proposal was typed, be it valid or not."""
        return self.typed.replace("\r\n", "\n") != self.text

    @property
    def is_changed(self) -> bool:
        """Whether the edit is JSON and says something else than the proposal."""
        if self.edited is None:
            return False
        try:
            return bool(json_text.parse(self.edited) != self.arguments)
        except json_text.NotJson:
            return False

    @cached_property
    def standing(self) -> list[Standing]:
        """The arguments that are otherwise today, as the agent, tools or the agent's facts say."""
        if not self.is_editable:
            return []
        return standing(self.arguments, self.told, self.proposed.get("current"))

    @property
    def current(self) -> dict[str, Any]:
        """The arguments as they stand today; empty where nothing is known to differ."""
        if not self.standing:
            return {}
        return self.arguments | {each.name: each.value for each in self.standing}

    def changes(self) -> int:
        """How many arguments the edit adds, drops or changes.

        Raises:
            NotJson: what was typed is no JSON object.
        """
        new, old, missing = self.new_arguments(), self.arguments, object()
        return sum(new.get(name, missing) != old.get(name, missing) for name in old.keys() | new.keys())

    def new_arguments(self) -> dict[str, Any]:
        """What was typed, as an object.

        Raises:
            NotJson: it is none.
        """
        value = json_text.parse(self.typed)
        if not isinstance(value, dict):
            raise json_text.NotJson(_("The arguments must be a JSON object."))
        return value

    def flaws(self) -> list[Flaw]:
        """Why the edit could not be sent: no JSON, or against the schema of the tool."""
        try:
            arguments = self.new_arguments()
        except json_text.NotJson as error:
            return [Flaw("", _("Not JSON: %(error)s") % {"error": error})]
        return decisions.schema_flaws(arguments, self.proposed.get("input_schema"), "")

    def decided(self, decision: str, *, denied: bool, message: str, seen: str) -> ActionDecision:
        """This action as part of a decision on all of them; an edit that changes nothing is an approval.

        `seen` is the digest that the page sent back.
        """
        arguments = None
        if decision == Decision.EDIT:
            decision = Decision.REJECT if denied else Decision.EDIT if self.is_changed else Decision.APPROVE
            arguments = self.new_arguments() if decision == Decision.EDIT else None
        return ActionDecision(
            tool_call_id=self.proposed["tool_call_id"],
            decision=decision,
            arguments=arguments,
            message=message if decision == Decision.REJECT else "",
            digest_seen=seen,
        )


def actions_of(
    payload: Mapping[str, Any], typed: Mapping[str, str] | None = None, *, turns: Iterable[Turn] = ()
) -> list[Action]:
    """The pending actions of a handoff, with the edits found in `typed` by field name.

    `turns` are the conversation, in which tools may have said how things stand.
    """
    proposals = payload.get("pending_actions") or []
    told = sources(payload, turns) if proposals else []
    return [
        Action(index, proposed, told, (typed or {}).get(f"action-{index}-arguments"))
        for index, proposed in enumerate(proposals)
    ]
