"""The decision side of the case page: what this person can do with the case now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from escalations import transitions
from escalations.models import Escalation, Operator, Resolution, State
from escalations.reviews import gold
from operators.access import holds, may_correct, may_reopen, may_set_gold
from operators.case.begun import Begun
from operators.case.forms.decision import DecisionForm
from operators.models import Draft

# After so long without any input the page no longer keeps the case; the rest of the lease warns of it.
IDLE = timedelta(minutes=15)
DECIDE, CLAIM, CLOSED = "decide", "claim", "closed"


@dataclass(frozen=True)
class Panel:
    """What stands at the right of a case.

    `mode` is `decide` for its holder, `claim` while it is open and not theirs, `closed` afterwards.
    `notice` is why the last attempt failed, `begun` what an earlier holder typed and did not send.
    """

    mode: str
    form: DecisionForm
    notice: str = ""
    resolutions: Sequence[Resolution] = ()
    may_reopen: bool = False
    may_correct: bool = False
    may_make_gold: bool = False
    begun: Begun | None = None
    lease_seconds: int = int(transitions.LEASE.total_seconds())
    idle_seconds: int = int(IDLE.total_seconds())

    @classmethod
    def of(
        cls,
        case: Escalation,
        operator: Operator,
        form: DecisionForm,
        *,
        notice: str = "",
        other: Draft | None = None,
    ) -> "Panel":
        """The panel of `case` as `operator` sees it now; `other` is what another holder typed."""
        decided = case.resolutions.select_related("operator").prefetch_related("revisions__operator")
        resolutions = list(decided.order_by("-created_at", "-id"))
        if case.is_open:
            if not holds(operator, case):
                return cls(CLAIM, form, notice, resolutions)
            begun = Begun.of(case, other, answered=str(form["begun"].value() or ""))
            return cls(DECIDE, form, notice, resolutions, begun=begun)
        decided_by = resolutions[0].operator_id if resolutions else None
        is_gone = case.erased_at is not None
        reopens = case.state == State.RESOLVED and may_reopen(operator, decided_by) and not is_gone
        panel = cls(CLOSED, form, notice, resolutions, reopens)
        stands = panel.resolution
        is_labelled = stands is not None and bool(stands.disposition) and may_correct(operator, stands)
        makes_gold = stands is not None and may_set_gold(operator) and gold.can_be_gold(stands)
        return replace(panel, may_correct=is_labelled and not is_gone, may_make_gold=makes_gold)

    @property
    def resolution(self) -> Resolution | None:
        """The decision that counts."""
        return next((one for one in self.resolutions if one.superseded_at is None), None)

    @property
    def earlier(self) -> list[Resolution]:
        """Decisions that a later one took the place of."""
        return [one for one in self.resolutions if one.superseded_at is not None]

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What this person has typed before, for reading: names and values, without what is preset."""
        return self.form.typed()
