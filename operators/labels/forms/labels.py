"""What a person teaches of a case, as fields: of the decision, of a correction, of a review."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from escalations.labels import taxonomy
from escalations.labels.taxonomy import Meanings, Mode
from escalations.labels.taxonomy.builtin import CODES, Code
from escalations.models import AgentCorrect, Disposition, FailureMode, Responsible, StepLabel
from escalations.transitions import Labels, Suggested, decisions
from operators.fields.lines import LinesField
from operators.labels.forms.label_fields import (
    FAULTS,
    NAME_MAX,
    SENTENCE_MAX,
    SENTENCES_MAX,
    STRENGTHS,
    TEXT_MAX,
    YES_NO,
    choice,
    is_yes,
    maybe,
)

# A page shows no more steps than that.
STEPS_MAX = 200


class LabelsForm(forms.Form):
    """The labels of a case whose agent sent `payload`.

    `suggested` is what detectors propose: it is chosen before the person chooses, and marked as suggested.
    `said` are labels that stand there already; in blind work there are neither. `tools` are the names of
    tools that the agent called, `spoken` the places and beginnings of what it said.
    """

    agent_correct = choice(
        AgentCorrect.choices, required_text=gettext_lazy("Say whether the agent was right.")
    )
    failure_primary = choice(FailureMode.choices, required_text=gettext_lazy("Choose one, or nothing."))
    first_error_index = maybe([], int)
    failure_modes = forms.MultipleChoiceField(
        required=False, choices=FailureMode.choices, widget=forms.CheckboxSelectMultiple
    )
    external_codes = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    responsible = maybe([("", gettext_lazy("Not said")), *Responsible.choices], empty="")
    root_cause_index = maybe([], int)
    missed_checkpoint = forms.CharField(required=False, max_length=NAME_MAX)
    fault_tool = forms.CharField(required=False, max_length=NAME_MAX)
    fault_kind = forms.ChoiceField(required=False, choices=FAULTS)
    escalation_needed = maybe(YES_NO, is_yes)
    category_correct = maybe(YES_NO, is_yes)
    deterministic_rule = forms.CharField(required=False, max_length=TEXT_MAX, widget=forms.Textarea)
    must = LinesField(most=SENTENCES_MAX, longest=SENTENCE_MAX)
    must_not = LinesField(most=SENTENCES_MAX, longest=SENTENCE_MAX)
    preference_strength = maybe(STRENGTHS, int)
    pair_at_index = maybe([], int)
    disposition = forms.ChoiceField(
        required=False, choices=[("", gettext_lazy("As decided")), *Disposition.choices]
    )
    note = forms.CharField(required=False, max_length=TEXT_MAX, widget=forms.Textarea)
    training_allowed = forms.BooleanField(required=False, initial=True)
    active_seconds = forms.FloatField(required=False, min_value=0, widget=forms.HiddenInput)

    # The form's id in the page, by which what stands elsewhere on it belongs to the form.
    form_id = "decide"

    def __init__(
        self,
        payload: Mapping[str, Any],
        data: MultiValueDict[str, str] | None = None,
        *,
        suggested: Sequence[Suggested] = (),
        said: Labels | None = None,
        meanings: Meanings | None = None,
        tools: Sequence[str] = (),
        spoken: Sequence[tuple[int, str]] = (),
    ) -> None:
        super().__init__(data)
        self.payload, self.suggested, self.tools = payload, suggested, tools
        self.meanings = meanings or taxonomy.meanings()
        kept = said or Labels("", "", "")
        self._add_steps(kept)
        self._offer_turns(dict(spoken), kept.pair_at_index)
        self._offer_modes(kept.failure_primary, kept.failure_modes)
        codes = dict.fromkeys([*(code.value for code in self.meanings.codes), *kept.external_codes])
        self.choices("external_codes", [(code, code) for code in codes])
        self.initial = _as_initial(said) if said else self._suggested_values()

    # --- for the page -----------------------------------------------------------------------

    @property
    def proposes(self) -> bool:
        """Whether there is something of the agent's to be right or wrong about."""
        return bool(self.payload.get("pending_actions") or self.payload.get("suggestions"))

    @property
    def steps(self) -> list[Any]:
        return list(self.payload.get("steps") or [])[:STEPS_MAX]

    @property
    def first_error_value(self) -> str:
        """The step that is chosen as the first error, as its radio button spells it."""
        return _as_text(self["first_error_index"].value())

    @property
    def modes(self) -> list[Mode]:
        """The failure modes that can be chosen, as this desk calls them."""
        offered = {value for value, _label in cast(Any, self.fields["failure_primary"]).choices}
        return [mode for mode in self.meanings.modes if mode.value in offered]

    @property
    def codes(self) -> list[Code]:
        """The codes that can be chosen, each with what it stands for."""
        known = {code.value: code for code in CODES}
        offered = [value for value, _label in cast(Any, self.fields["external_codes"]).choices]
        return [known.get(value, Code(value, "", "")) for value in offered]

    @property
    def guesses(self) -> dict[str, Any]:
        """What is suggested, by field; several modes in one list."""
        found: dict[str, Any] = {}
        for one in self.suggested:
            found[one.field] = [*found.get(one.field, []), *one.value] if _is_list(one) else one.value
        return found

    @property
    def suggested_first_error(self) -> str:
        """The step that is suggested as the first error, as its radio button spells it."""
        return _as_text(self.guesses.get("first_error_index"))

    @property
    def step_fields(self) -> list[forms.BoundField]:
        """For each step, whether it was good or bad."""
        return [self[_step(at)] for at in range(len(self.steps))]

    @property
    def has_more_labels(self) -> bool:
        """Whether something was said in the part that is folded away."""
        hidden = [*_FOLDED, *(name for name in _SHOWN_IF_SUGGESTED if name not in self.shown_early)]
        said = any(self[name].value() for name in hidden)
        return said or not self["training_allowed"].value()

    @property
    def shown_early(self) -> set[str]:
        """What is not folded away because it is suggested: nobody says what they do not see."""
        early = {"failure_modes"} if "failure_modes" in self.guesses else set()
        return early | ({"fault_tool", "fault_kind"} if "tool_fault" in self.guesses else set())

    def choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        """Only these can be sent."""
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    # --- for the desk -----------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if clash := decisions.contradiction(
            cleaned.get("agent_correct", ""), cleaned.get("failure_primary", "")
        ):
            self.add_error("failure_primary", clash)
        if cleaned.get("fault_tool") and not cleaned.get("fault_kind"):
            self.add_error("fault_kind", _("Choose what was wrong with it."))
        if cleaned.get("fault_kind") and not cleaned.get("fault_tool"):
            self.add_error("fault_tool", _("Name the tool."))
        return cleaned

    def labels_of(self, disposition: str) -> Labels:
        """The labels as the domain takes them; only of a valid form. `disposition` where none is chosen."""
        cleaned = self.cleaned_data
        fault = {"tool": cleaned["fault_tool"], "kind": cleaned["fault_kind"]}
        return Labels(
            disposition=cleaned["disposition"] or disposition,
            tool_fault=fault if cleaned["fault_kind"] else None,
            step_labels={str(at): label for at in range(len(self.steps)) if (label := cleaned[_step(at)])}
            | self._labels_beyond,
            active_seconds=cleaned["active_seconds"] or 0,
            # Where nothing went wrong, nothing else did either.
            failure_modes=cleaned["failure_modes"] if cleaned["failure_primary"] != FailureMode.NONE else [],
            **{name: cleaned[name] for name in _PLAIN if name != "failure_modes"},
        )

    def restore(self, typed: MultiValueDict[str, str]) -> None:
        """Put in the fields what was typed before, without checking it."""
        for name, field in self.fields.items():
            if name in typed or isinstance(field, forms.BooleanField | forms.MultipleChoiceField):
                self.initial[name] = field.widget.value_from_datadict(typed, MultiValueDict(), name)

    def field_of_label(self, name: str, rest: Sequence[str]) -> str | None:
        """The field that a flaw of the label `name` belongs to."""
        if name == "tool_fault":
            return f"fault_{rest[0]}" if rest else "fault_tool"
        if name == "step_labels" and rest:
            name = f"step-{rest[0]}"
        return name if name in self.fields else None

    def _add_steps(self, kept: Labels) -> None:
        """The steps that the page shows, and those beyond that something was said of already."""
        none = ("", pgettext_lazy("first error", "none"))
        first = self._named_steps(kept.first_error_index, self.guesses.get("first_error_index"))
        self.choices("first_error_index", [none, *first])
        roots = self._named_steps(kept.root_cause_index)
        self.choices("root_cause_index", [none, *((at, f"{int(at) + 1} {name}") for at, name in roots)])
        shown = len(self.steps)
        self._labels_beyond = {at: label for at, label in kept.step_labels.items() if int(at) >= shown}
        for at in range(shown):
            self.fields[_step(at)] = maybe([("", gettext_lazy("Not said")), *StepLabel.choices], empty="")

    def _named_steps(self, *more: int | None) -> list[tuple[str, str]]:
        """The steps that are shown, and some more, by their places and names."""
        sent = self.payload.get("steps") or []
        beyond = (at for at in more if at is not None and at < len(sent))
        return [(str(at), str(sent[at]["name"])) for at in dict.fromkeys([*range(len(self.steps)), *beyond])]

    def _offer_turns(self, spoken: dict[int, str], kept: int | None) -> None:
        """The turns of the agent, and the one that was said already, whatever it is."""
        if kept is not None:
            spoken.setdefault(kept, _("message %(number)s") % {"number": kept + 1})
        turns = [(str(at), words) for at, words in spoken.items()]
        self.choices("pair_at_index", [("", gettext_lazy("What it proposes")), *turns])

    def _offer_modes(self, primary: str, more: Sequence[str]) -> None:
        """Only the modes that are on, and those that were said already."""
        offered = [mode for mode in self.meanings.modes if mode.is_on or mode.value in (primary, *more)]
        self.choices("failure_primary", [(mode.value, mode.title) for mode in offered])
        beside = [(mode.value, mode.title) for mode in offered if mode.value != FailureMode.NONE]
        self.choices("failure_modes", beside)

    def _suggested_values(self) -> dict[str, Any]:
        guesses = self.guesses
        fault = guesses.pop("tool_fault", None) or {}
        first_error = guesses.pop("first_error_index", None)
        return guesses | {
            "first_error_index": _as_text(first_error),
            "fault_tool": fault.get("tool", ""),
            "fault_kind": fault.get("kind", ""),
        }


_SHOWN_IF_SUGGESTED = ("failure_modes", "fault_tool", "fault_kind")
_FOLDED = (
    "external_codes",
    "responsible",
    "root_cause_index",
    "missed_checkpoint",
    "escalation_needed",
    "category_correct",
    "deterministic_rule",
    "must",
    "must_not",
    "preference_strength",
    "pair_at_index",
    "disposition",
    "note",
)
# Fields that are called what the label is called and hold its value.
_PLAIN = (
    *("agent_correct", "failure_primary", "first_error_index", "failure_modes"),
    *(name for name in _FOLDED if name != "disposition"),
    "training_allowed",
)


def _step(at: int) -> str:
    return f"step-{at}"


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


def _is_list(one: Suggested) -> bool:
    return isinstance(one.value, list)


def _yes_no(said: bool | None) -> str:
    return {True: "yes", False: "no"}.get(said, "") if said is not None else ""


def _as_initial(said: Labels) -> dict[str, Any]:
    """Labels as the fields hold them."""
    fault = said.tool_fault or {}
    return {name: getattr(said, name) for name in _PLAIN} | {
        "disposition": said.disposition,
        "failure_modes": [mode for mode in said.failure_modes if mode != said.failure_primary],
        "first_error_index": _as_text(said.first_error_index),
        "root_cause_index": _as_text(said.root_cause_index),
        "escalation_needed": _yes_no(said.escalation_needed),
        "category_correct": _yes_no(said.category_correct),
        "preference_strength": _as_text(said.preference_strength),
        "pair_at_index": _as_text(said.pair_at_index),
        "must": "\n".join(said.must),
        "must_not": "\n".join(said.must_not),
        "fault_tool": fault.get("tool", ""),
        "fault_kind": fault.get("kind", ""),
        **{f"step-{at}": label for at, label in said.step_labels.items()},
    }
