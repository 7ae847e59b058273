"""The audit log proves itself: whoever changes it, even with all rights, is found out."""

import re
from datetime import timedelta
from threading import Event as Signal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models.functions import Now

from escalations import sweeps
from escalations.auditing import audit, checks, seals
from escalations.auditing.checks import Fault
from escalations.models import AuditCheck, AuditEntry, AuditSeal, Notice
from tests.factories import make_admin, make_operator
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(seals, "BLOCK", 3)


def write(count):
    for number in range(count):
        audit.write(actor="operator:1", action="test", target=f"queue:{number}")


def as_superuser(statement, *values):
    """What no part of the product can do: the triggers that refuse it are off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def sealed(count):
    """The log with so many entries, all sealed; gives back the ids of the entries."""
    write(count)
    while seals.seal():
        pass
    return list(AuditEntry.objects.order_by("id").values_list("id", flat=True))


def found():
    newest = AuditSeal.objects.order_by("-number").first()
    return [(flaw.fault, flaw.seal, flaw.entry) for flaw in checks.faults_between(1, newest.number)]


def test_blocks_follow_each_other_and_cover_everything_once(small_blocks):
    ids = sealed(8)
    chain = list(AuditSeal.objects.order_by("number"))
    assert [seal.count for seal in chain] == [3, 3, 2]
    assert [seal.previous for seal in chain] == ["", chain[0].digest, chain[1].digest]
    assert [number for seal in chain for number, _ in seals.unpacked(seal.entries)] == ids
    assert seals.seal() == 0
    assert found() == []


@pytest.mark.parametrize("field", ["actor", "action", "target", "request_id"])
def test_an_entry_that_was_changed_is_named(small_blocks, field):
    ids = sealed(7)
    as_superuser(f"UPDATE escalations_auditentry SET {field} = 'nobody' WHERE id = %s", ids[4])
    assert found() == [(Fault.ENTRY_CHANGED, 2, ids[4])]


def test_an_entry_that_was_moved_in_time_by_a_microsecond_is_named(small_blocks):
    ids = sealed(4)
    as_superuser(
        "UPDATE escalations_auditentry SET created_at = created_at + interval '1 microsecond' WHERE id = %s",
        ids[0],
    )
    assert found() == [(Fault.ENTRY_CHANGED, 1, ids[0])]


def test_entries_that_were_removed_or_put_in_are_named(small_blocks):
    ids = sealed(9)
    as_superuser("DELETE FROM escalations_auditentry WHERE id = %s", ids[1])
    as_superuser("UPDATE escalations_auditentry SET id = -1 WHERE id = %s", ids[5])
    as_superuser("UPDATE escalations_auditentry SET id = %s WHERE id = -1", ids[1])
    assert found() == [(Fault.ENTRY_CHANGED, 1, ids[1]), (Fault.ENTRY_MISSING, 2, ids[5])]
    as_superuser(
        "INSERT INTO escalations_auditentry (id, actor, action, target, request_id) "
        "VALUES (%s, '', '', '', '')",
        ids[0] - 1,
    )
    assert (Fault.ENTRY_ADDED, 1, ids[0] - 1) in found()


def test_a_seal_that_was_made_to_fit_breaks_the_chain(small_blocks):
    ids = sealed(9)
    as_superuser("UPDATE escalations_auditentry SET actor = 'nobody' WHERE id = %s", ids[4])
    first, second = AuditSeal.objects.filter(number__lte=2).order_by("number")
    entries = AuditEntry.objects.filter(id__in=ids[3:6]).order_by("id")
    forged = seals.made_of(list(entries), first)
    as_superuser(
        "UPDATE escalations_auditseal SET entries = %s, digest = %s, sealed_at = %s WHERE number = 2",
        forged.entries,
        forged.digest,
        forged.sealed_at,
    )
    assert found() == [(Fault.CHAIN_BROKEN, 3, None)]
    as_superuser("UPDATE escalations_auditseal SET digest = %s WHERE number = 2", second.digest)
    assert (Fault.SEAL_CHANGED, 2, None) in found()
    as_superuser("DELETE FROM escalations_auditseal WHERE number = 2")
    assert (Fault.SEAL_MISSING, 2, None) in found()


def test_the_database_refuses_to_change_a_seal(small_blocks):
    sealed(1)
    with pytest.raises(Exception, match="cannot be changed"), transaction.atomic():
        AuditSeal.objects.update(digest="0" * 64)


@pytest.mark.django_db(transaction=True)
def test_no_entry_is_sealed_past_one_that_still_may_commit(monkeypatch):
    monkeypatch.setattr(seals, "_PATIENCE", 0.1)
    written, may_commit = Signal(), Signal()

    def slow():
        with transaction.atomic():
            audit.write(actor="slow", action="test", target="queue:1")
            written.set()
            assert may_commit.wait(30)

    def quick():
        assert written.wait(30)
        audit.write(actor="quick", action="test", target="queue:2")
        early = seals.seal()
        may_commit.set()
        return early

    assert at_once([slow, quick]) == [None, 0]
    assert seals.seal() == 2
    assert [entry.actor for entry in AuditEntry.objects.order_by("id")] == ["slow", "quick"]
    assert found() == []


@pytest.mark.django_db(transaction=True)
def test_workers_that_seal_at_once_make_one_chain(small_blocks):
    write(12)
    counts = at_once([lambda: [seals.seal() for _ in range(12)]] * 4)
    assert sum(map(sum, counts)) == 12
    assert found() == []


def test_the_daily_check_finds_nothing_in_a_sound_log_and_tells_admins_of_a_flaw(small_blocks):
    boss, other = make_admin(), make_operator()
    sealed(70)
    sweeps.sweep_audit_checks()
    check = AuditCheck.objects.get()
    assert (check.passed, check.flaws, check.started_by) == (check.seals, [], None)
    assert check.finished_at
    assert not Notice.objects.filter(kind="audit_flaw").exists()
    sweeps.sweep_audit_checks()
    assert AuditCheck.objects.count() == 1
    AuditCheck.objects.update(started_at=Now() - timedelta(days=2))
    victim = AuditEntry.objects.order_by("id")[50]
    as_superuser("DELETE FROM escalations_auditentry WHERE id = %s", victim.id)
    sweeps.sweep_audit_checks()
    newest = AuditCheck.objects.first()
    assert checks.flaws_of(newest) == [checks.Flaw(Fault.ENTRY_MISSING, 17, victim.id)]
    assert Notice.objects.get(kind="audit_flaw").operator == boss
    assert not other.notices.exists()


def test_a_check_goes_on_where_the_last_worker_left_it(small_blocks, monkeypatch):
    monkeypatch.setattr(checks, "_SEALS_AT_ONCE", 2)
    sealed(15)
    begun = checks.start(None)
    assert checks.start(make_admin()) == begun
    assert checks.proceed(seconds=0) == 2
    assert AuditCheck.objects.get().passed == 2
    assert checks.proceed(seconds=60) == 3
    assert AuditCheck.objects.get().entries == 15
    assert checks.proceed(seconds=60) == 0


def test_the_command_names_what_is_wrong_and_knows_seals_that_were_noted(small_blocks, capsys):
    ids = sealed(4)
    noted = str(AuditSeal.objects.get(number=2))
    call_command("verify_audit_log", expect=[noted])
    assert re.search(rf"as it was written. Newest seal: {noted}", capsys.readouterr().out)
    with pytest.raises(CommandError, match="1 flaws"):
        call_command("verify_audit_log", expect=[f"2:{'0' * 64}"])
    as_superuser("UPDATE escalations_auditentry SET action = 'other' WHERE id = %s", ids[3])
    with pytest.raises(CommandError, match="not as it was written"):
        call_command("verify_audit_log")
    assert f"seal 2, entry {ids[3]}: An entry was changed" in capsys.readouterr().err
