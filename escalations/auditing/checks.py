"""Checks of the audit log against its seals, from the first to the last, in steps that can go on anywhere."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Max, TextChoices
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalations.auditing import audit, seals
from escalations.models import AuditCheck, AuditEntry, AuditSeal, NoticeKind, Operator
from escalations.people import notices

# So many flaws are named; more say no more.
NAMED = 50
_SEALS_AT_ONCE = 20
log = structlog.get_logger(__name__)


class Fault(TextChoices):
    """What can be wrong, and with what."""

    ENTRY_CHANGED = "entry_changed", _("An entry was changed after it was sealed.")
    ENTRY_MISSING = "entry_missing", _("An entry was removed after it was sealed.")
    ENTRY_ADDED = "entry_added", _("An entry was put in among sealed ones.")
    SEAL_CHANGED = "seal_changed", _("A seal does not fit what it says: it was changed.")
    SEAL_MISSING = "seal_missing", _("A seal is missing.")
    CHAIN_BROKEN = "chain_broken", _("A seal does not follow from the one before it.")


@dataclass(frozen=True)
class Flaw:
    """What is wrong, in which seal, and with which entry if it is one."""

    fault: Fault
    seal: int
    entry: int | None = None

    def __str__(self) -> str:
        where = f"seal {self.seal}" + (f", entry {self.entry}" if self.entry else "")
        return f"{where}: {self.fault.label}"


def start(operator: Operator | None) -> AuditCheck:
    """The check that is under way, or a new one. `operator` is who asked for it, if anybody did."""
    seals_now = AuditSeal.objects.aggregate(newest=Max("number"))["newest"] or 0
    try:
        with transaction.atomic():
            begun = AuditCheck.objects.create(started_by=operator, seals=seals_now)
            actor = audit.operator_actor(operator) if operator else "system"
            audit.write(actor=actor, action="audit.check", target=f"auditcheck:{begun.pk}")
            return begun
    except IntegrityError:
        under_way = AuditCheck.objects.filter(finished_at=None).first()
        return under_way or start(operator)


def start_daily() -> None:
    """Start a check unless one was started within the last day."""
    if not AuditCheck.objects.filter(started_at__gt=Now() - timedelta(days=1)).exists():
        start(None)


def proceed(*, seconds: float) -> int:
    """Go on with the check that is under way for about so long. Returns how many seals it looked at."""
    check = AuditCheck.objects.filter(finished_at=None).first()
    if check is None:
        return 0
    ends, before = time.monotonic() + seconds, check.passed
    while _step(check) and time.monotonic() < ends:
        pass
    return check.passed - before


def flaws_of(check: AuditCheck) -> list[Flaw]:
    """What a check found, as it kept it."""
    return [Flaw(Fault(flaw["fault"]), flaw["seal"], flaw["entry"]) for flaw in check.flaws]


def faults_between(first: int, last: int) -> Iterator[Flaw]:
    """What is wrong with the seals from number `first` to `last`, and with their entries."""
    known = {seal.number: seal for seal in AuditSeal.objects.filter(number__gte=first - 1, number__lte=last)}
    for number in range(first, last + 1):
        seal = known.get(number)
        if seal is None:
            yield Flaw(Fault.SEAL_MISSING, number)
            continue
        before = known.get(number - 1)
        yield from _faults_of(seal, before)


def _step(check: AuditCheck) -> bool:
    """Look at the next seals. False once the check is over, or another worker went on with it."""
    last = min(check.passed + _SEALS_AT_ONCE, check.seals)
    found = [asdict(flaw) for flaw in faults_between(check.passed + 1, last)]
    flaws = [*check.flaws, *found][:NAMED]
    counted = AuditSeal.objects.filter(number__gt=check.passed, number__lte=last)
    entries = check.entries + sum(counted.values_list("count", flat=True))
    is_over = last == check.seals
    changes: dict[str, Any] = {"passed": last, "entries": entries, "flaws": flaws}
    with transaction.atomic():
        ours = AuditCheck.objects.filter(pk=check.pk, passed=check.passed, finished_at=None)
        if not ours.update(**changes, finished_at=Now() if is_over else F("finished_at")):
            return False
        if is_over:
            _finish(flaws, check)
    check.passed, check.entries, check.flaws = last, entries, flaws
    return not is_over


def _finish(flaws: list[dict[str, Any]], check: AuditCheck) -> None:
    if flaws:
        log.error("audit_log_is_flawed", check=check.pk, flaws=flaws)
        notices.tell_admins(NoticeKind.AUDIT_FLAW, notices.AUDIT_FLAW)
    else:
        log.info("audit_log_is_sound", check=check.pk, seals=check.seals)


def _faults_of(seal: AuditSeal, before: AuditSeal | None) -> Iterator[Flaw]:
    """Behind a seal that is missing only its own entries can be told from those of the other."""
    if seals.digest_of(seal) != seal.digest:
        yield Flaw(Fault.SEAL_CHANGED, seal.number)
    if (before or seal.number == 1) and seal.previous != (before.digest if before else ""):
        yield Flaw(Fault.CHAIN_BROKEN, seal.number)
    after = before.last_id if before else 0 if seal.number == 1 else seal.first_id - 1
    sealed = dict(seals.unpacked(seal.entries))
    there = {entry.id: entry for entry in AuditEntry.objects.filter(id__gt=after, id__lte=seal.last_id)}
    for number in sorted(sealed.keys() | there.keys()):
        if number not in there:
            yield Flaw(Fault.ENTRY_MISSING, seal.number, number)
        elif number not in sealed:
            yield Flaw(Fault.ENTRY_ADDED, seal.number, number)
        elif seals.packed(there[number]) != sealed[number]:
            yield Flaw(Fault.ENTRY_CHANGED, seal.number, number)
