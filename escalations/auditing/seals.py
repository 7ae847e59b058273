"""Seals over the audit log: a chain of digests, made after the fact so that no hot path pays for it.

A seal covers all entries after those of the seal before. Its digest is that of what it says and of the
digest of the seal before, so nobody changes, adds or removes a sealed entry without making all later seals
anew. Each seal is also logged, and logs leave the machine: whoever has noted one can ask for it
(`manage.py verify_audit_log --expect`).
"""

import json
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256

import structlog
from django.db import IntegrityError, connection, transaction

from escalations.models import AuditEntry, AuditSeal
from escalations.sla.clocks import database_now

BLOCK = 1_000
# So long a sweep waits for transactions that may still commit entries; else the next one seals.
_PATIENCE, _LOOKS_EVERY = 2.0, 0.02
_ID_BYTES, _DIGEST_BYTES = 8, 32
log = structlog.get_logger(__name__)

# Ids are given out before commits. Whoever got one that is not to be seen yet holds a lock on the table,
# since before they got it: once those who hold one now are gone, no entry up to the newest of now is to come.
# The snapshot is older than the list of locks, so whoever commits in between is never missed.
_NOW = """
    SELECT (SELECT max(id) FROM escalations_auditentry),
           ARRAY(SELECT virtualtransaction FROM pg_locks
                 WHERE locktype = 'relation' AND relation = 'escalations_auditentry'::regclass
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                   AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid())
"""


def seal() -> int:
    """Seal the next block of settled entries. Returns how many entries; 0 if there is nothing to seal now."""
    newest = AuditSeal.objects.order_by("-number").first()
    after = newest.last_id if newest else 0
    settled = _settled(after)
    if settled is None:
        return 0
    block = list(AuditEntry.objects.filter(id__gt=after, id__lte=settled).order_by("id")[:BLOCK])
    made = made_of(block, newest)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        return 0  # another worker was at it
    log.info("audit_log_sealed", seal=str(made), entries=made.count)
    return made.count


def made_of(block: list[AuditEntry], previous: AuditSeal | None) -> AuditSeal:
    """The seal of these entries, in the order of their ids, behind `previous`."""
    made = AuditSeal(
        number=previous.number + 1 if previous else 1,
        first_id=block[0].id,
        last_id=block[-1].id,
        count=len(block),
        oldest_at=min(entry.created_at for entry in block),
        newest_at=max(entry.created_at for entry in block),
        sealed_at=database_now(),
        entries=b"".join(packed(entry) for entry in block),
        previous=previous.digest if previous else "",
    )
    made.digest = digest_of(made)
    return made


def digest_of(seal: AuditSeal) -> str:
    """SHA-256, in hex, of what a seal says and of the digest before it."""
    said = [
        seal.number,
        seal.first_id,
        seal.last_id,
        seal.count,
        _moment(seal.oldest_at),
        _moment(seal.newest_at),
        _moment(seal.sealed_at),
        sha256(seal.entries).hexdigest(),
        seal.previous,
    ]
    return sha256(_canonical(said)).hexdigest()


def packed(entry: AuditEntry) -> bytes:
    """An entry as a seal holds it: its id, and the SHA-256 of all it says."""
    said = [entry.id, entry.actor, entry.action, entry.target, entry.request_id, _moment(entry.created_at)]
    return entry.id.to_bytes(_ID_BYTES) + sha256(_canonical(said)).digest()


def unpacked(entries: bytes | memoryview) -> Iterator[tuple[int, bytes]]:
    """Id and packed form of each entry that a seal holds."""
    size = _ID_BYTES + _DIGEST_BYTES
    for start in range(0, len(entries), size):
        one = bytes(entries[start : start + size])
        yield int.from_bytes(one[:_ID_BYTES]), one


def _settled(after: int) -> int | None:
    """The newest entry before which none is still to come; None if there is nothing new, or not for sure."""
    newest, writing = _look()
    if newest is None or newest <= after:
        return None
    ends = time.monotonic() + _PATIENCE
    while writing & _look()[1]:
        if time.monotonic() > ends:
            return None
        time.sleep(_LOOKS_EVERY)
    return newest


def _look() -> tuple[int | None, set[str]]:
    """The newest entry to be seen, and the transactions that may have written others."""
    with connection.cursor() as cursor:
        cursor.execute(_NOW)
        newest, writing = cursor.fetchone()
    return newest, set(writing)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _canonical(values: Iterable[object]) -> bytes:
    """A list of texts and numbers in JSON's one form without spaces: no two lists share it."""
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode()
