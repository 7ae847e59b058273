"""Labels as words, and the words that can be chosen for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from escalations.labels.taxonomy import Meanings
from escalations.models import AgentCorrect, LabelRevision, Responsible
from escalations.reviews.comparing import Field, Scale

_FLAGS = ("escalation_needed", "category_correct")
_YES_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]
_CHOICES: dict[str, Sequence[tuple[str, Any]]] = {
    "agent_correct": AgentCorrect.choices,
    "responsible": Responsible.choices,
    **dict.fromkeys(_FLAGS, _YES_NO),
}
_NO_STEP = "none"


@dataclass(frozen=True)
class Words:
    """How labels are said of a case with these `steps`, on a desk whose modes have these `meanings`."""

    steps: Sequence[str]
    meanings: Meanings

    @classmethod
    def of(cls, payload: Mapping[str, Any], meanings: Meanings) -> "Words":
        """Of the case whose agent sent `payload`."""
        return cls([str(step.get("name", "")) for step in payload.get("steps") or []], meanings)

    def said(self, field: Field, revision: LabelRevision) -> str:
        """What somebody said of the field."""
        value = field.read(revision)
        if field.scale is Scale.SET:
            modes = cast("frozenset[str]", value)
            return ", ".join(mode.title for mode in self._modes() if mode.value in modes)
        if field.scale is Scale.STEP:
            return self._step(cast("int | None", value))
        if value is None:
            return _("Not said")
        if field.name in _FLAGS:
            return _("Yes") if value else _("No")
        return str(dict(self.choices(field))[cast(str, value)])

    def choices(self, field: Field) -> Sequence[tuple[str, Any]]:
        """What the field can be; nothing of sets, which are not chosen one by one."""
        if field.scale is Scale.STEP:
            named = [(str(at), self._step(at)) for at in range(len(self.steps))]
            return [(_NO_STEP, self._step(None)), *named]
        if field.name == "failure_primary":
            return [(mode.value, mode.title) for mode in self._modes()]
        return _CHOICES.get(field.name, [])

    def read(self, field: Field, chosen: str) -> Any:
        """The label that `chosen` stands for."""
        if field.scale is Scale.STEP:
            return None if chosen == _NO_STEP else int(chosen)
        return chosen == "yes" if field.name in _FLAGS else chosen

    def _step(self, at: int | None) -> str:
        if at is None:
            return pgettext("first error", "none")
        return f"{at + 1} {self.steps[at]}" if at < len(self.steps) else str(at + 1)

    def _modes(self) -> list["_Mode"]:
        return [_Mode(mode.value, str(mode.title)) for mode in self.meanings.modes]


@dataclass(frozen=True)
class _Mode:
    value: str
    title: str
