"""What an error is to an agent: one problem, whichever protocol then says it in its own words."""

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models.functions import Now

from agents_api.problems import RETRY_SECONDS, Flaw, Problem
from escalations.models import Escalation
from escalations.transitions import AlreadyApplied, AlreadyTaken, CaseClosed, NotAsDecided, PastValidity

log = structlog.get_logger(__name__)


_SLUGS: dict[type[Exception], str] = {
    Escalation.DoesNotExist: "not-found",
    AlreadyApplied: "already-applied",
    AlreadyTaken: "already-taken",
    PastValidity: "decision-expired",
}


def problem_of(error: Exception) -> Problem:
    """The problem that an error amounts to. May ask the database. What no agent caused is logged."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, CaseClosed):
        return _closed(error)
    if isinstance(error, NotAsDecided):
        return Problem("invalid-request", errors=[Flaw(flaw.pointer, flaw.detail) for flaw in error.flaws])
    if slug := _SLUGS.get(type(error)):
        return Problem(slug)
    return _of_the_desk(error)


def _of_the_desk(error: Exception) -> Problem:
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("database_unavailable", error=str(error))
        return Problem("database-unavailable", headers={"Retry-After": str(RETRY_SECONDS)})
    log.error("request_failed", exc_info=error)
    return Problem("server-error")


def _closed(error: CaseClosed) -> Problem:
    if Escalation.objects.filter(id=error.case_id, dispatch_at__gt=Now()).exists():
        return Problem("decision-pending", headers={"Retry-After": str(settings.UNDO_SECONDS)})
    return Problem("case-closed", str(error))
