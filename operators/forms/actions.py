"""The proposed actions of a case: what the agent wants to do, and what a person makes of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from escalations import decisions
from escalations.models import Decision
from escalations.transitions.errors import Flaw
from escalations.transitions.resolve import ActionDecision
from operators.difference import diff_lines, pretty_json
from operators.forms import json_text

# Past this many characters JSON is no longer edited in a browser, nor compared.
EDITABLE = 200_000


@dataclass(frozen=True)
class Action:
    """One pending action. `edited` is its arguments as typed, None while nobody touched them."""

    index: int
    proposed: Mapping[str, Any]
    known: Mapping[str, Any]
    edited: str | None = None

    @property
    def name(self) -> str:
        return str(self.proposed["name"])

    @property
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
    def diff(self) -> list[tuple[str, str]]:
        """Lines with signs: the edit against the proposal, or the proposal against what is known."""
        if not self.is_editable:
            return [(" ", line) for line in self.text[:EDITABLE].splitlines()]
        if self.is_changed:
            return diff_lines(self.arguments, json_text.parse(self.typed))
        return diff_lines(self.current or None, self.arguments)

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

    @property
    def current(self) -> dict[str, Any]:
        """The arguments as they stand today, where the agent's facts name another value for one of them."""
        differing = {
            name: self.known[name]
            for name, value in self.arguments.items()
            if name in self.known and self.known[name] != value
        }
        return self.arguments | differing if differing else {}

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
            raise json_text.NotJson("The arguments must be a JSON object.")
        return value

    def flaws(self) -> list[Flaw]:
        """Why the edit could not be sent: no JSON, or against the schema of the tool."""
        try:
            arguments = self.new_arguments()
        except json_text.NotJson as error:
            return [Flaw("", f"Not JSON: {error}")]
        return decisions.schema_flaws(arguments, self.proposed.get("input_schema"), "")

    def decided(self, decision: str, *, denied: bool, message: str) -> ActionDecision:
        """This action as part of a decision on all of them; an edit that changes nothing is an approval."""
        arguments = None
        if decision == Decision.EDIT:
            decision = Decision.REJECT if denied else Decision.EDIT if self.is_changed else Decision.APPROVE
            arguments = self.new_arguments() if decision == Decision.EDIT else None
        return ActionDecision(
            tool_call_id=self.proposed["tool_call_id"],
            decision=decision,
            arguments=arguments,
            message=message if decision == Decision.REJECT else "",
            digest_seen=self.digest,
        )


def actions_of(payload: Mapping[str, Any], typed: Mapping[str, str] | None = None) -> list[Action]:
    """The pending actions of a handoff, with the edits found in `typed` by field name."""
    known = (payload.get("context") or {}).get("facts") or {}
    return [
        Action(index, proposed, known, (typed or {}).get(f"action-{index}-arguments"))
        for index, proposed in enumerate(payload.get("pending_actions") or [])
    ]
