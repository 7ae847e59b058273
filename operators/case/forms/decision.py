"""The decision form of a case: made from its kind, its proposals and the answer that the agent wants."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.handoffs import handback
from escalations.labels.taxonomy import Meanings
from escalations.models import Decision, Disposition, Escalation, Kind
from escalations.transitions import DecisionInput, InvalidDecision, Labels, Suggested, decisions
from escalations.transitions.errors import Flaw
from operators.case.conversation import Turn, spoken, tools_called
from operators.case.forms import options
from operators.case.forms.actions import Action, actions_of
from operators.case.forms.response import PREFIX, ResponseFields
from operators.case.forms.resume import ResumePacket
from operators.labels.forms.label_fields import TEXT_MAX, choice
from operators.labels.forms.labels import LabelsForm
from operators.macros import filling

_BY_DECISION = {
    Decision.APPROVE: Disposition.APPROVE,
    Decision.EDIT: Disposition.EDIT,
    Decision.REJECT: Disposition.REPLACE,
    Decision.RESPOND: Disposition.REPLACE,
    Decision.TAKEOVER: Disposition.TAKE_OVER,
}


class DecisionForm(LabelsForm):
    """What a person decides about `case`, and what it teaches.

    `draft` is what was typed before, as a submitted form; it fills the fields without checking them. `turns`
    are the conversation.
    """

    decision = choice([], required_text=gettext_lazy("Choose what to do."))
    message = forms.CharField(required=False, max_length=TEXT_MAX, widget=forms.Textarea)
    draft = forms.CharField(required=False, max_length=TEXT_MAX, widget=forms.Textarea)
    # Words to the user that are sent by themselves, before the decision.
    say = forms.CharField(required=False, widget=forms.Textarea)
    say_links = forms.CharField(required=False)
    # Under it the same words are sent once, however often a lost answer makes one send them.
    say_key = forms.CharField(required=False)
    # Which draft of an earlier holder was used or left; see `operators.case.begun`.
    begun = forms.CharField(required=False)

    def __init__(
        self,
        case: Escalation,
        payload: Mapping[str, Any],
        data: MultiValueDict[str, str] | None = None,
        *,
        suggested: Sequence[Suggested] = (),
        meanings: Meanings | None = None,
        draft: MultiValueDict[str, str] | None = None,
        turns: Sequence[Turn] = (),
        restart: Mapping[str, Any] | None = None,
        saved_at: datetime | None = None,
    ) -> None:
        super().__init__(
            payload,
            data,
            suggested=suggested,
            meanings=meanings,
            tools=tools_called(turns),
            spoken=spoken(turns),
        )
        self.case, self.turns = case, turns
        self.was_typed = data is not None or draft is not None
        # When `draft` was kept; pages say whether what a browser still has is newer.
        self.saved_at = saved_at
        self.options = decisions.allowed(case.kind, payload)
        schema = payload.get("response_schema")
        self.response = ResponseFields(schema) if schema else None
        self._add_fields()
        self._set_initial()
        if draft is not None:
            self.restore(draft)
        typed = data if data is not None else draft
        sent = handback.known(payload)
        self.packet = ResumePacket(sent=sent, start=restart or sent, typed=typed)
        self.actions = actions_of(
            payload, {name: str(typed[name]) for name in typed} if typed else None, turns=turns
        )

    @property
    def option_rows(self) -> list[dict[str, str]]:
        """The decisions as a person chooses them: value, label, key, and what it means here."""
        return options.rows(
            self.options,
            kind=self.case.kind,
            edits_a_draft=self.edits_a_draft,
            has_fields=self.response is not None,
        )

    @property
    def edits(self) -> list[tuple[Action, forms.BoundField, forms.BoundField]]:
        """Each action with the field for its arguments and the one that denies it."""
        return [(action, self[action.field], self[action.deny_field]) for action in self.actions]

    @property
    def response_fields(self) -> list[forms.BoundField]:
        """The fields of the answer; the first that is wrong gets the focus."""
        fields = [self[name] for name in (self.response.form_fields() if self.response else ())]
        for field in fields:
            if field.errors:
                field.field.widget.attrs["autofocus"] = True
        return fields

    @property
    def edits_a_draft(self) -> bool:
        """Whether an edit changes the agent's words, because it proposed no action."""
        return Decision.EDIT in self.options and not self.actions

    def typed(self) -> list[tuple[str, str]]:
        """Names and values of what a person typed so far, without what stands there by itself."""
        if not self.was_typed:
            return []
        values = {name: self[name].value() for name in self.fields}
        names = {"message": _("Message"), "say": _("Not sent to the customer")}
        names |= {name: str(label) for name, label in _TYPED_LABELS.items()}
        if self.edits_a_draft:
            names["draft"] = _("Edited words")
        if self.response:
            names |= {name: str(self.fields[name].label) for name in self.response.form_fields()}
        arguments = _("Arguments of %(name)s")
        edits = [
            (arguments % {"name": action.name}, action.typed) for action in self.actions if action.is_edited
        ]
        chosen = [str(option.label) for option in self.options if option == values["decision"]]
        lines = [*((_("Decision"), label) for label in chosen), *edits]
        lines += [(label, str(values[name] or "")) for name, label in names.items()]
        lines += [(_("What the agent restarts from"), self.packet.text)] if self.packet.is_edited else []
        return [(label, value) for label, value in lines if value]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["resume"], flaws = self.packet.read()
        for flaw in flaws:
            self.add_error(None, _("What the agent restarts from: %(flaw)s") % {"flaw": flaw})
        if cleaned.get("say") or cleaned.get("say_links"):
            self.add_error(None, _("Your words to the customer are not sent yet. Send them, or clear them."))
        self._check_marks(cleaned)
        decision = cleaned.get("decision")
        if decision == Decision.EDIT:
            self._check_edit(cleaned)
        elif decision == Decision.RESPOND and self.response:
            cleaned["answer"], wrong = self.response.read(cleaned)
            for name, detail in wrong.items():
                if name not in self.errors:
                    self.add_error(name, detail)
        return cleaned

    def decision_input(self) -> DecisionInput:
        """The decision as the domain takes it; only of a valid form."""
        cleaned = self.cleaned_data
        decision = cleaned["decision"]
        message = cleaned["draft"] if decision == Decision.EDIT and self.edits_a_draft else cleaned["message"]
        on_actions = decision in (Decision.APPROVE, Decision.EDIT, Decision.REJECT)
        return DecisionInput(
            decision=decision,
            actions=[
                action.decided(
                    decision,
                    denied=cleaned[action.deny_field],
                    message=message,
                    seen=cleaned[action.digest_field],
                )
                for action in self.actions
                if on_actions
            ],
            response=cleaned.get("answer") if decision == Decision.RESPOND else None,
            message=message,
            resume=cleaned["resume"],
        )

    def labels(self) -> Labels:
        """The labels as the domain takes them; only of a valid form."""
        return self.labels_of(_BY_DECISION[self.cleaned_data["decision"]])

    def add_flaws(self, error: InvalidDecision) -> None:
        """Put what the domain found wrong next to the fields it is about."""
        for flaw in error.flaws:
            self.add_error(self._field_for(flaw.pointer), flaw.detail)

    def _add_fields(self) -> None:
        # Only choices that this case has can be sent.
        self.choices("decision", [(option.value, str(option.label)) for option in self.options])
        for action in actions_of(self.payload):
            self.fields[action.field] = forms.CharField(required=False, strip=False, widget=forms.Textarea)
            self.fields[action.deny_field] = forms.BooleanField(required=False)
            self.fields[action.digest_field] = forms.CharField(required=False)
        if self.response:
            self.fields |= self.response.form_fields()

    def _set_initial(self) -> None:
        # Nothing is said for a person: only what the record points to is chosen before they choose.
        self.initial = {
            **self.initial,
            # A question is there to be answered: its field is open at once.
            "decision": Decision.RESPOND if self.case.kind == Kind.QUESTION else None,
            "draft": self._suggested_words(),
            "say_key": str(uuid4()),
            **{action.field: action.text for action in actions_of(self.payload)},
        }

    def _suggested_words(self) -> str:
        suggestions = self.payload.get("suggestions") or []
        content = suggestions[0].get("content") if suggestions else None
        return content if isinstance(content, str) else ""

    def _check_marks(self, cleaned: Mapping[str, Any]) -> None:
        """What a macro left for a person to fill in must not reach a customer."""
        for name in ("message", "draft", "note"):
            if marks := filling.unfilled(cleaned.get(name, "")):
                self.add_error(name, _("Fill in %(marks)s first.") % {"marks": ", ".join(marks)})

    def _check_edit(self, cleaned: dict[str, Any]) -> None:
        if self.edits_a_draft and not cleaned.get("draft", "").strip():
            self.add_error("draft", _("Write what the agent should say."))
        for action in self.actions:
            if cleaned.get(action.deny_field):
                continue
            for flaw in action.flaws():
                self.add_error(action.field, worded(flaw))
        denies = any(cleaned.get(action.deny_field) for action in self.actions)
        changes = denies or self.errors or any(action.is_changed for action in self.actions)
        if self.actions and not changes:
            self.add_error(
                self.actions[0].field, _("Nothing is changed yet. Change an argument, or approve.")
            )

    def _field_for(self, pointer: str) -> str | None:
        """The field that a flaw of the domain belongs to; None for the form as a whole."""
        head, *rest = pointer.strip("/").split("/")
        if rest[1:] == ["digest_seen"]:
            return None
        if head == "labels" and rest:
            return self.field_of_label(rest[0], rest[1:])
        if head == "actions" and rest and f"action-{rest[0]}-arguments" in self.fields:
            return f"action-{rest[0]}-arguments"
        if head == PREFIX and self.response:
            return self.response.name_for(pointer)
        return head if head in self.fields else None


# Labels that hold a person's own words.
_TYPED_LABELS = {
    "note": gettext_lazy("Note"),
    "missed_checkpoint": gettext_lazy("Missed checkpoint"),
    "deterministic_rule": gettext_lazy("Could be code"),
    "must": gettext_lazy("It must"),
    "must_not": gettext_lazy("It must not"),
}


def worded(flaw: Flaw) -> str:
    """A flaw with the place it is at."""
    return f"{flaw.pointer}: {flaw.detail}" if flaw.pointer else flaw.detail


def edited_action(
    payload: Mapping[str, Any], data: Mapping[str, str], turns: Sequence[Turn] = ()
) -> Action | None:
    """The one action that `data["action"]` names, with its edit; None if there is no such action."""
    index = data.get("action", "")
    actions = actions_of(payload, data, turns=turns)
    return next((action for action in actions if str(action.index) == index), None)
