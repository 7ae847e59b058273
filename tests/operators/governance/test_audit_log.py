"""The page of the audit log: found by who, what, which row and when; checked; taken away as a file."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from escalations import sweeps
from escalations.auditing import audit, seals, search
from escalations.models import AuditCheck, AuditEntry, AuditSeal
from operators.governance import audit_pages
from tests.factories import make_admin, make_operator, make_resolved
from tests.plans import copy_rows, read_by

PAGE = "/audit/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    operator = make_admin("boss", first_name="Ada", last_name="Lovelace")
    client.force_login(operator)
    return operator


def shown(client, **looked_for):
    return [line.entry for line in client.get(PAGE, looked_for).context["lines"]]


def write(action, *, actor="system", target="queue:1", **fields):
    return AuditEntry.objects.create(actor=actor, action=action, target=target, **fields)


def test_entries_are_found_by_who_what_and_which_row(boss, client):
    case = make_resolved(make_operator("carla"))
    mine = write("policy.save", actor=f"operator:{boss.pk}", target="policy:1", request_id="abc")
    write("policy.save", target="policy:2")
    assert shown(client, actor="boss") == shown(client, request_id="abc") == [mine]
    assert shown(client, action="policy.save", target="policy:1") == [mine]
    assert {entry.action for entry in shown(client, actor="carla")} == {"claim", "resolve"}
    assert {entry.target for entry in shown(client, target=str(case.id))} == {f"case:{case.id}"}
    assert {(entry.actor[:4], entry.action) for entry in shown(client, actor="support")} == {("key:", "open")}
    assert "support, made for a test" in client.get(PAGE, {"actor": "support"}).content.decode()
    assert "No entries match" in client.get(PAGE, {"action": "nothing"}).content.decode()


def test_people_are_named_and_cases_linked(boss, client):
    case = make_resolved(boss)
    page = client.get(PAGE).content.decode()
    assert "Ada Lovelace" in page
    assert f'href="/cases/{case.id}/"' in page


def test_pages_follow_each_other_by_key_and_keep_what_was_looked_for(boss, client, monkeypatch):
    monkeypatch.setattr("operators.governance.views.audit_log.PAGE", 2)
    made = [write("wanted") for _ in range(5)]
    write("other")
    pages, address = [], f"{PAGE}?action=wanted"
    while address:
        context = client.get(address).context
        pages.append([line.entry for line in context["lines"]])
        address = context["older"]
    assert pages == [made[:2:-1], made[2:0:-1], made[:1]]


def test_days_are_those_of_who_looks_and_are_found_with_and_without_seals(boss, client, monkeypatch):
    monkeypatch.setattr(seals, "BLOCK", 2)
    monkeypatch.setattr(search, "_LONGEST_TRANSACTION", timedelta(0))
    boss.timezone = "Pacific/Auckland"
    boss.save(update_fields=["timezone"])
    times = [f"2026-03-{day:02}T11:30:00Z" for day in range(1, 8)]  # the day after, there
    made = [write("dated", created_at=time) for time in times]
    for sealing in (False, True):
        while sealing and seals.seal():
            pass
        assert shown(client, action="dated", start="2026-03-04", end="2026-03-05") == made[3:1:-1]
        assert shown(client, action="dated", start="2026-03-07") == made[:4:-1]
        assert shown(client, action="dated", end="2026-03-02") == made[:1]


def test_the_file_has_all_rows_and_no_cell_that_a_spreadsheet_would_carry_out(boss, client):
    for number in range(3):
        write("wanted", target=f"=cmd|{number}", actor=f"operator:{boss.pk}")
    answer = client.get("/audit/entries.csv", {"action": "wanted"})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [row["target"] for row in rows] == ["'=cmd|2", "'=cmd|1", "'=cmd|0"]
    assert {row["name"] for row in rows} == {"Ada Lovelace"}
    assert AuditEntry.objects.filter(action="export", target="export:audit").exists()


def test_a_check_is_asked_for_and_its_progress_and_end_are_shown(boss, client):
    for _ in range(3):
        audit.write(actor="system", action="test", target="queue:1")
    seals.seal()
    answer = client.post("/audit/check/", headers={"HX-Request": "true"}).content.decode()
    assert "Checking: 0 of 1 seals." in answer
    assert 'hx-trigger="every 2s"' in answer
    assert AuditEntry.objects.get(action="audit.check").actor == f"operator:{boss.pk}"
    sweeps.sweep_audit_checks()
    answer = client.get("/audit/check/state/").content.decode()
    assert "Everything is as it was written. Entries: 3, seals: 1." in answer
    assert "hx-trigger" not in answer
    AuditCheck.objects.update(flaws=[{"fault": "entry_missing", "seal": 1, "entry": 7}])
    assert "An entry was removed after it was sealed." in client.get(PAGE).content.decode()
    assert str(AuditSeal.objects.get()) in client.get(PAGE).content.decode()


def test_a_page_reads_no_more_rows_where_the_log_is_long(boss, client):
    write("rare", created_at=Now() - timedelta(days=3))
    looked_for = {
        "actors": ("operator:1", "operator:2"),
        "action": "rare",
        "target": "queue:1",
        "request_id": "abc",
    }
    read = []
    for size in (2_000, 20_000):
        copy_rows(
            AuditEntry, size, id=f"{size} * 10 + number", action="'common'", target="'queue:' || number"
        )
        for field, value in looked_for.items():
            with CaptureQueriesContext(
                connection,
            ) as asked:
                search.Search(**{field: value}).page(before=None, size=audit_pages.PAGE)
            read.append(read_by(asked[-1]["sql"])["escalations_auditentry"])
    assert max(read) <= audit_pages.PAGE
