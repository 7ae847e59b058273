"""The answer that an earlier holder of a case had begun: offered to the next one, never sent by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from escalations.models import Escalation
from operators.case.forms.decision import DecisionForm
from operators.models import Draft

Lines = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Begun:
    """What somebody typed, as names and values to read."""

    draft: Draft
    lines: Lines

    @property
    def token(self) -> str:
        """By which an answer to the offer is known; if they type more, that is another offer."""
        return f"{self.draft.pk}-{int(self.draft.updated_at.timestamp())}"

    @classmethod
    def of(cls, case: Escalation, draft: Draft | None, answered: str = "") -> "Begun | None":
        """What to offer of the draft of another holder: nothing if there is none, or it was `answered`."""
        begun = draft and cls(draft, words(case, draft.fields))
        return begun if begun and begun.lines and begun.token != answered else None


def words(case: Escalation, fields: Mapping[str, Any]) -> Lines:
    """What a person typed into the decision form, with their decision; nothing if they only chose."""
    payload = case.handoff.payload
    preset = DecisionForm(case, payload, draft=MultiValueDict()).typed()
    lines = DecisionForm(case, payload, draft=MultiValueDict(fields)).typed()
    typed = [line for line in lines if line not in preset]
    return lines if any(name != _("Decision") for name, _value in typed) else []
