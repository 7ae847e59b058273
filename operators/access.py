"""Who may see which case. Every view of a case fetches it here."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from escalations.models import Escalation, Operator, Quality, Resolution, Review, Role, Taxonomy, UsualCost
from operators.drafts import note_of
from operators.viewings import lookers

# What suggestions and words of labels hang on.
_FOR_LABELS: dict[str, Any] = {
    "usual_cost_usd": Subquery(UsualCost.objects.filter(agent=OuterRef("agent")).values("p95_usd")),
    "taxonomy_id": Subquery(Taxonomy.objects.order_by("-number").values("pk")[:1]),
}


def signed_in(request: HttpRequest) -> Operator:
    """The person behind the request. Every page of this door asks for a sign-in before its view runs."""
    return cast(Operator, request.user)


def get_case_for(operator: Operator, case_id: UUID) -> Escalation:
    """The case with what pages show of it.

    Raises:
        Http404: there is none, or this person may not see it; nobody learns which.
    """
    case = (
        Escalation.objects.visible_to(operator)
        .with_liveness()
        .annotate(
            lookers=lookers(),
            note_draft=note_of(operator),
            note_saved_at=note_of(operator, "updated_at"),
            **_FOR_LABELS,
        )
        .select_related("queue", "agent_version__agent", "policy__agent", "holder", "affinity")
        .filter(id=case_id)
        .first()
    )
    if case is None:
        raise Http404(_("There is no such case in your queues."))
    return case


def sees_case(operator: Operator, case: Escalation) -> bool:
    """Whether the page of the case is open to the person."""
    return Escalation.objects.visible_to(operator).filter(pk=case.pk).exists()


def holds(operator: Operator, case: Escalation) -> bool:
    """Whether the person has a live claim on the case: what is shown. Transitions check again."""
    return case.is_held and case.holder_id == operator.pk


def may_reopen(operator: Operator, decided_by_id: int | None) -> bool:
    """Reviewers and admins may take up any resolved case again, operators the ones they decided."""
    return operator.role in (Role.REVIEWER, Role.ADMIN) or operator.pk == decided_by_id


def may_see_figures(operator: Operator) -> bool:
    """Reviewers and admins see how the desk and its people do."""
    return operator.sees_figures


def may_correct(operator: Operator, resolution: Resolution) -> bool:
    """Reviewers and admins may correct labels; those of gold, by which people are measured, only admins."""
    return operator.is_desk_admin if resolution.quality == Quality.GOLD else operator.is_supervisor


def may_change_policies(operator: Operator) -> bool:
    """Admins say what agents may do alone, and see what would come of it."""
    return operator.is_desk_admin


def may_set_up_the_desk(operator: Operator) -> bool:
    """Admins see who did what, and say what is kept and what calls for attention."""
    return operator.is_desk_admin


def may_review(operator: Operator) -> bool:
    """Reviewers, admins and operators marked so look a second time at decisions in the queues they see."""
    return operator.gives_second_looks


def may_settle(operator: Operator) -> bool:
    """Reviewers and admins say what counts where two looks differ: they may correct labels anyway."""
    return operator.is_supervisor


def may_see_review(operator: Operator, review: Review) -> bool:
    """Reviewers and admins see what came of each second look, others of those that they gave."""
    return operator.is_supervisor or operator.pk == review.reviewer_id


def may_set_gold(operator: Operator) -> bool:
    """Admins say which labels are known for sure, and how many decisions get a second look."""
    return operator.is_desk_admin


def may_make_datasets(operator: Operator) -> bool:
    """Admins say what labelled data are made into, and what is taken out of them."""
    return operator.is_desk_admin


def _who(may: Callable[[Operator], bool]) -> Callable[[HttpRequest], Operator]:
    def who(request: HttpRequest) -> Operator:
        operator = signed_in(request)
        if not may(operator):
            raise PermissionDenied
        return operator

    return who


# The person behind a request. All raise `PermissionDenied` for whoever may not.
who_sees_figures = _who(may_see_figures)
who_changes_policies = _who(may_change_policies)
who_sets_up_the_desk = _who(may_set_up_the_desk)
who_reviews = _who(may_review)
who_settles = _who(may_settle)
who_sets_gold = _who(may_set_gold)
who_makes_datasets = _who(may_make_datasets)
