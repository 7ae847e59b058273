"""What all forms that do one thing with many cases have in common, and what keeps a case off a desk."""

from contextlib import suppress
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from escalations import transitions
from escalations.models import Escalation, Offer, Operator, State
from escalations.models.case_queries import EscalationQuerySet
from escalations.people import capacity
from escalations.people.capacity import Load
from escalations.transitions import LeaseLost, LeaseToken, TransitionError
from escalations.transitions.claim import too_much, unworkable
from operators.access import holds
from operators.rendering.formatting import small


class Bulk(forms.Form):
    """Something that `operator` does with each of several cases.

    `will` and `done` say with how many (`count`) of how many (`total`), before and afterwards.
    """

    title: ClassVar[Promise]
    does: ClassVar[Promise]
    will: ClassVar[Promise]
    done: ClassVar[Promise]
    hint: ClassVar[Promise | str] = ""
    for_supervisors: ClassVar[bool] = False

    def __init__(self, operator: Operator, data: QueryDict | None = None) -> None:
        super().__init__(data, prefix="bulk")
        first = next(iter(self.fields.values()), None)
        # Of radio buttons the chosen one should have it, and that is known only as they are shown.
        if first and not isinstance(first.widget, forms.RadioSelect):
            first.widget.attrs["autofocus"] = True
        self.operator = operator
        # The decisions it made, and whether the person held the case before.
        self.decided: dict[UUID, bool] = {}

    def chosen(self, name: str) -> Any:
        """A field's value so far: as sent if that made sense, else what it starts with."""
        if self.is_bound:
            self.is_valid()
            if name in self.cleaned_data:
                return self.cleaned_data[name]
        return self.fields[name].initial

    def planned(self, count: int, total: int) -> SafeString:
        """With how many of `total` cases it will be done, as HTML."""
        return SafeString(self.will % {"count": format_html("<b>{}</b>", count), "total": total})

    def look(self, found: EscalationQuerySet) -> EscalationQuerySet:
        """The cases `found` with what `obstacle` needs to know of each; a plan begins."""
        return found

    def obstacle(self, case: Escalation) -> str:
        """Why the case would be left out as it stands now, or nothing.

        Asked once for each case, in their order: what is done with one leaves less room for the next.
        """
        raise NotImplementedError

    def proposed(self, case: Escalation) -> Any:
        """What of the case must be seen before it is done with it; None if its headline is enough."""
        return None

    def act(self, case: Escalation) -> None:
        """Do it with one case.

        Raises:
            TransitionError: it is not possible after all; says why. Nothing was changed.
        """
        raise NotImplementedError

    def _in_other_hands(self, case: Escalation) -> str:
        """What keeps `operator` from holding the case."""
        if not case.is_open or case.state in (State.WAITING, State.SNOOZED):
            return _("It is %(state)s.") % {"state": small(case.get_state_display())}
        if case.is_held and not holds(self.operator, case):
            return _("%(person)s has it.") % {"person": case.holder}
        return ""


class Taking(Bulk):
    """Something that brings each case to a desk, be it for a moment only."""

    _load: Load | None = None

    @property
    def receiver(self) -> Operator:
        """Whose desk it is."""
        return self.operator

    def look(self, found: EscalationQuerySet) -> EscalationQuerySet:
        self._load = None
        this = Escalation.objects.filter(pk=OuterRef("pk"))
        offered = Offer.objects.live().filter(case=OuterRef("pk"), operator=self.receiver)
        over = Q(expires_at__isnull=False, expires_at__lte=Now())
        return found.annotate(
            is_able=Exists(self.able(this)),
            is_offered=Exists(offered),
            is_over=ExpressionWrapper(over, output_field=BooleanField()),
        )

    def able(self, found: EscalationQuerySet) -> EscalationQuerySet:
        """Of the cases `found` those whose queue and skills are the receiver's."""
        return found.pickable_by(self.receiver)

    def unable(self, case: Escalation) -> TransitionError:
        """What the move would say of a case whose queue or skills are not the receiver's."""
        return unworkable(case)

    def too_much(self, load: Load, case: Escalation) -> TransitionError:
        """What the move would say of a case that does not fit beside `load`."""
        return too_much(load, case.weight)

    def obstacle(self, case: Escalation) -> str:
        seen = vars(case)
        if case.is_open and seen["is_over"]:
            return _("It is %(state)s.") % {"state": small(State.EXPIRED.label)}
        if in_other_hands := self._in_other_hands(case):
            return in_other_hands
        if not seen["is_able"]:
            return str(self.unable(case))
        load = self._load or capacity.load(self.receiver)
        # An offer of the very case holds its room already.
        before = Load(load.used - (case.weight if seen["is_offered"] else 0), load.capacity)
        if case.weight > before.free:
            return str(self.too_much(before, case))
        self._load = Load(before.used + self.stays(case), load.capacity)
        return ""

    def stays(self, case: Escalation) -> int:
        """How much of the case stays on the desk when all is done."""
        return case.weight


class Held(Taking):
    """Something that only the holder may do: a case that nobody holds is claimed for it first."""

    def obstacle(self, case: Escalation) -> str:
        if not holds(self.operator, case):
            return super().obstacle(case)
        load = self._load or capacity.load(self.operator)
        self._load = Load(load.used - case.weight, load.capacity)
        return ""

    def stays(self, case: Escalation) -> int:
        return 0

    def act(self, case: Escalation) -> None:
        was_theirs = holds(self.operator, case)
        if was_theirs:
            lease = LeaseToken(case.id, self.operator, case.lease_token)
        else:
            lease = transitions.claim(case_id=case.id, operator=self.operator).lease
        try:
            self.act_with(case, lease)
        except TransitionError:
            if not was_theirs:
                with suppress(LeaseLost):
                    transitions.release(lease=lease)
            raise

    def act_with(self, case: Escalation, lease: LeaseToken) -> None:
        raise NotImplementedError
