"""`manage.py verify_audit_log`: check the audit log against its seals, and the chain of these."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from escalations.auditing import checks
from escalations.models import AuditEntry, AuditSeal

_SEALS_AT_ONCE = 20


class Command(BaseCommand):
    help = "Says whether the audit log is as it was written, and names what is not. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="NUMBER:DIGEST",
            help="a seal that was noted earlier, and must still be there; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        newest = AuditSeal.objects.order_by("-number").first()
        flaws = [*_unexpected(options["expect"]), *map(str, _flaws(newest.number if newest else 0))]
        for flaw in flaws:
            self.stderr.write(flaw)
        if flaws:
            raise CommandError(f"The audit log is not as it was written: {len(flaws)} flaws.")
        after = newest.last_id if newest else 0
        unsealed = AuditEntry.objects.filter(id__gt=after).count()
        self.stdout.write(f"The audit log is as it was written. Newest seal: {newest or 'none yet'}.")
        self.stdout.write(f"Not sealed yet: {unsealed} entries.")


def _flaws(seals: int) -> list[checks.Flaw]:
    found: list[checks.Flaw] = []
    with tqdm(total=seals, unit=" seals") as progress:
        for first in range(1, seals + 1, _SEALS_AT_ONCE):
            last = min(first + _SEALS_AT_ONCE - 1, seals)
            found += checks.faults_between(first, last)
            progress.update(last - first + 1)
    return found


def _unexpected(noted: list[str]) -> list[str]:
    """A sentence for each noted seal that the log does not have."""
    missing = []
    for one in noted:
        number, _, digest = one.partition(":")
        if not number.isdecimal() or len(digest) != 64:
            raise CommandError(f"{one} is no seal like 12:0f3a…, with the 64 digits of its digest.")
        if not AuditSeal.objects.filter(number=int(number), digest=digest).exists():
            missing.append(f"seal {one} is not in the log: it was made anew since it was noted.")
    return missing
