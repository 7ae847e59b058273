"""What the pages of reviews are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from escalations.labels import taxonomy
from escalations.models import (
    AgentCorrect,
    Disposition,
    Escalation,
    LabelRevision,
    Operator,
    Resolution,
    Review,
    ReviewState,
)
from escalations.reviews.comparing import FIELDS
from escalations.reviews.line import labels_of
from escalations.transitions import Labels
from operators.case import evidence
from operators.case import page as case_page
from operators.case.conversation import Turn, tools_called
from operators.case.forms.actions import actions_of
from operators.labels.forms.labels import LabelsForm
from operators.reviews.words import Words

# The newest so many second looks are listed.
SHOWN = 30
_WOULD_HAVE = {
    AgentCorrect.YES: Disposition.APPROVE,
    AgentCorrect.PARTIAL: Disposition.EDIT,
    AgentCorrect.NO: Disposition.REPLACE,
    AgentCorrect.UNSURE: Disposition.UNRESOLVABLE,
}


@dataclass(frozen=True)
class Said:
    """One label as two or three people said it."""

    title: str | Promise
    words: list[str]
    differs: bool


@dataclass(frozen=True)
class Judged:
    """A case as somebody sees it who judges it.

    Nothing is there of what was decided and said since, of how sure the agent was, or of what rules say
    went wrong.
    """

    case: Escalation
    turns: Sequence[Turn]

    @classmethod
    def of(cls, resolution: Resolution) -> "Judged":
        """The case of the decision."""
        found = Escalation.objects.select_related("queue", "agent_version__agent", "policy__agent", "handoff")
        case = found.get(pk=resolution.case_id)
        case.is_looked_at_again = True
        return cls(case, case_page.conversation_of(case))

    @property
    def payload(self) -> dict[str, Any]:
        return self.case.handoff.payload

    @property
    def words(self) -> Words:
        """How its labels are said."""
        return Words.of(self.payload, meanings())

    def form(
        self,
        data: MultiValueDict[str, str] | None = None,
        *,
        said: LabelRevision | None = None,
        typed: MultiValueDict[str, str] | None = None,
    ) -> LabelsForm:
        """Its labels as fields: empty, as sent in `data`, as `said`, or as `typed`. Nothing is suggested."""
        form = LabelsForm(
            self.payload,
            data,
            said=labels_of(said) if said else None,
            meanings=meanings(),
            tools=tools_called(self.turns),
        )
        form.choices("disposition", [("", _("As it follows from the first label")), *Disposition.choices])
        if typed:
            form.restore(typed)
        return form

    def context(self, *, marked_in: LabelsForm | None = None) -> dict[str, Any]:
        """All of it that was there before anybody decided, with the form in which its steps are labelled."""
        return {
            "case": self.case,
            "summary": case_page.summary_of(self.case, self.payload),
            "reasons": case_page.reasons_of(self.case, self.turns),
            "actions": actions_of(self.payload, turns=self.turns),
            "suggestions": evidence.suggestions(self.payload, is_blind=True),
            "known": evidence.known(self.payload),
            "metadata": evidence.pairs(self.payload.get("metadata") or {}),
            "turn_count": len(self.turns),
            "parts": case_page.parts_of(self.turns),
        } | case_page.steps_context(self.case, self.turns, marked_in=marked_in)


def get_review(review_id: UUID) -> Review:
    """The review with all that its page shows.

    Raises:
        Http404: there is none.
    """
    found = Review.objects.select_related(
        "resolution", "compared__operator", "blind__operator", "settled__operator"
    )
    review = found.filter(id=review_id).first()
    if review is None:
        raise Http404(_("There is no such review."))
    return review


def given(operator: Operator) -> list[Review]:
    """The newest second looks that the person may see. Gold is none of them: nobody is told which was."""
    found = Review.objects.filter(gold=None, submitted_at__isnull=False).order_by("-submitted_at")
    if not operator.is_supervisor:
        found = found.filter(reviewer=operator)
    people = found.select_related("compared__operator", "blind__operator")
    return list(people.select_related("resolution__case__agent_version__agent")[:SHOWN])


def held_by(operator: Operator) -> Review | None:
    """What the person has on their screen, also if its time is over and nobody else took it."""
    return Review.objects.filter(holder=operator).first()


def is_finished(review: Review) -> bool:
    """Whether both looks are there, to be seen by everybody who may see reviews."""
    return review.submitted_at is not None and review.gold_id is None


def compared(review: Review, words: Words) -> dict[str, Any]:
    """What the two said, label by label, and what was settled. Who it was is told once it is settled."""
    looks = [look for look in (review.compared, review.blind, review.settled) if look]
    who = [_("First look"), _("Second look")]
    if review.state != ReviewState.DIFFERS:
        who = [str(look.operator) for look in looks]
    rows = [
        Said(
            title=field.title,
            words=[words.said(field, look) for look in looks],
            differs=len({field.read(look) for look in looks[:2]}) > 1,
        )
        for field in FIELDS
    ]
    notes = [(name, look.note) for name, look in zip(who, looks, strict=True) if look.note]
    if review.settled:
        who[-1] = _("%(who)s, settled") % {"who": who[-1]}
    return {"looks": who, "said": rows, "notes": notes}


def labels_in(form: LabelsForm) -> Labels:
    """What the reviewer said; where they say not what they would have done, it follows from that."""
    return form.labels_of(_WOULD_HAVE[AgentCorrect(form.cleaned_data["agent_correct"])])


def meanings() -> taxonomy.Meanings:
    """What the labels mean now."""
    newest = taxonomy.in_force()
    return taxonomy.meanings(newest.pk if newest else None)
