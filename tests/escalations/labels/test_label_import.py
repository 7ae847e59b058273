"""Labels that were made elsewhere: put in force line by line, what is wrong is told, and once is enough."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.utils.translation import override

from escalations.jobs import JobLost
from escalations.labels import label_import
from escalations.labels.label_import import reading
from escalations.labels.label_import.refusals import listed
from escalations.models import (
    AuditEntry,
    GoldItem,
    ImportedFile,
    ImportState,
    LabelImport,
    LabelRevision,
    Quality,
    Resolution,
)
from escalations.reviews import gold
from escalations.reviews.line import in_force, labels_of
from escalations.transitions.erase import erase_case
from tests.factories import claim, decide, make_admin, make_case, make_operator
from tests.threads import at_once

PUBLISHED = Path(__file__).parents[3] / "docs/labels.schema.json"
STEPS = [{"name": "search"}, {"name": "refund"}]

pytestmark = pytest.mark.django_db


def make_decided() -> Resolution:
    return decide(claim(make_case(steps=STEPS), make_operator()), must=["Ask first."])


def line(of: Resolution, **labels: Any) -> dict[str, Any]:
    return {"resolution": str(of.id), "labels": labels}


def begin(*lines: dict[str, Any] | bytes, **how: Any) -> LabelImport:
    body = b"\n".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines)
    return label_import.start(body, operator=make_admin(), actor="command", **how)


def read(*lines: dict[str, Any] | bytes, **how: Any) -> LabelImport:
    begun = begin(*lines, **how)
    label_import.read_waiting()
    return LabelImport.objects.get(pk=begun.pk)


def counts(done: LabelImport) -> tuple[int, int, int]:
    return done.imported, done.unchanged, done.refused


def test_the_published_schema_is_that_of_the_code(capsys):
    call_command("import_labels", "--schema")

    assert capsys.readouterr().out == PUBLISHED.read_text()


def test_a_line_puts_its_labels_in_force_and_leaves_the_others():
    decided = make_decided()

    done = read(line(decided, agent_correct="no", failure_primary="edge_case", first_error_index=1))

    now = in_force(decided)
    assert (done.state, counts(done)) == (ImportState.DONE, (1, 0, 0))
    assert (now.kind, now.number, now.operator) == ("imported", 2, done.operator)
    assert (now.agent_correct, now.first_error_index, now.must) == ("no", 1, ["Ask first."])
    assert (now.imported.label_import, now.imported.line) == (done, 1)
    decided.refresh_from_db()
    assert (decided.agent_correct, decided.failure_primary) == ("no", "edge_case")
    assert not ImportedFile.objects.exists()
    assert AuditEntry.objects.get(action="labels.import").target == f"label_import:{done.pk}"


def test_the_same_file_again_changes_nothing():
    decided = make_decided()
    partly = {"agent_correct": "partial", "failure_primary": "other", "first_error_index": 1}
    same = line(decided, **partly, must=["Ask first."])
    as_floats = line(decided, **partly | {"first_error_index": 1.0})

    assert counts(read(same, b"", same)) == (1, 1, 0)
    assert counts(read(same, as_floats)) == (0, 2, 0)
    assert decided.revisions.count() == 2


def test_a_case_stands_for_what_was_decided_of_it():
    decided = make_decided()

    read({"case": str(decided.case_id), "labels": {"note": "From elsewhere."}})

    assert in_force(decided).note == "From elsewhere."


def test_what_is_wrong_is_told_line_by_line_and_the_rest_is_written():
    decided = make_decided()
    unknown = {"resolution": "0199aaaa-0000-7000-8000-000000000000", "labels": {"note": "x"}}
    done = read(
        b"{",
        b"[1]",
        line(decided, agent_correct="maybe"),
        line(decided, first_error_index=2, step_labels={"7": "good"}),
        unknown,
        line(decided, note="a\0b"),
        b'{"resolution": "' + str(decided.id).encode() + b'", "labels": {"note": "\\ud83d"}}',
        b'{"labels": {"note": NaN}}',
        {"labels": {"note": "whose?"}},
        line(decided, note="x" * 70_000),
        line(decided, note="Right: \\u0000 is told."),
        {"resolution": str(decided.id), "case": str(decided.case_id), "labels": {"note": "both"}},
        {"case": "7", "labels": {}},
    )

    assert (done.state, counts(done)) == (ImportState.DONE, (1, 0, 12))
    refusals = [(each.line, each.code, each.pointer) for each in listed(done)]
    assert refusals == [
        (1, "json", ""),
        (2, "json", ""),
        (3, "schema", "/labels/agent_correct"),
        (4, "labels", "/labels/first_error_index"),
        (4, "labels", "/labels/step_labels/7"),
        (5, "unknown", "/resolution"),
        (6, "characters", ""),
        (7, "characters", ""),
        (8, "json", ""),
        (9, "whose", ""),
        (10, "long", ""),
        (12, "whose", ""),
        (13, "id", "/case"),
        (13, "empty", "/labels"),
    ]
    assert label_import.told(done.refusals.get(line=12)).startswith("Name either the decision")
    assert in_force(decided).note == "Right: \\u0000 is told."


def test_labels_of_what_is_erased_are_refused():
    decided = make_decided()
    erase_case(case_id=decided.case_id, actor="test")

    done = read(line(decided, training_allowed=True, note="Rosa said so."))

    assert [each.code for each in listed(done)] == ["erased"]
    decided.refresh_from_db()
    assert (decided.training_allowed, decided.note) == (False, "")


def test_labels_that_contradict_each_other_are_refused():
    decided = make_decided()

    done = read(line(decided, agent_correct="no"), line(decided, agent_correct="no", failure_primary="cost"))

    [refusal] = listed(done)
    assert (refusal.line, refusal.code, refusal.pointer) == (1, "labels", "/labels/failure_primary")
    with override("de"):
        assert "„Sonstiges“" in label_import.told(refusal)
    assert in_force(decided).failure_primary == "cost"


def test_refusals_are_told_in_the_language_of_the_reader():
    done = read(line(make_decided(), first_error_index=2), b"{")

    with override("de"):
        words = [label_import.told(each) for each in listed(done)]

    assert words == ["Diesen Schritt gibt es nicht.", "Die Zeile ist kein JSON-Objekt."]


def test_all_or_nothing_writes_nothing_when_a_line_is_refused():
    first, second = make_decided(), make_decided()

    done = read(line(first, note="a"), line(second, first_error_index=9), all_or_nothing=True)

    assert (done.state, counts(done)) == (ImportState.REFUSED, (0, 0, 1))
    assert LabelRevision.objects.filter(kind="imported").count() == 0
    again = read(line(first, note="a"), line(second, note="b"), all_or_nothing=True)
    assert (again.state, counts(again), again.done) == (ImportState.DONE, (2, 0, 0), 4)


def test_settled_labels_are_replaced_only_when_that_was_said():
    decided = make_decided()
    item = gold.mark(
        in_force=in_force(decided), operator=make_admin(), labels=labels_of(in_force(decided), note="Known.")
    )
    wanted = line(decided, note="Other.")

    [refusal] = listed(read(wanted))
    assert (refusal.code, in_force(decided).note) == ("settled", "Known.")
    assert counts(read(line(decided, note="Known."))) == (0, 1, 0)
    assert counts(read(wanted, over_settled=True)) == (1, 0, 0)
    decided.refresh_from_db()
    assert (in_force(decided).note, decided.quality) == ("Other.", Quality.SINGLE)
    assert GoldItem.objects.get(pk=item.pk).retired_at is not None


def test_a_reader_that_died_is_followed_by_one_that_goes_on(monkeypatch):
    monkeypatch.setattr(reading, "_BATCH", 1)
    decided = make_decided()
    begun = begin(line(decided, note="a"), line(decided, note="b"))
    dead = reading._claim()
    reading._carry_out(dead, [(1, json.dumps(line(decided, note="a")).encode())])
    assert label_import.read_waiting() == 0
    LabelImport.objects.update(lease_expires_at=Now())

    label_import.read_waiting()

    begun.refresh_from_db()
    assert (begun.state, counts(begun)) == (ImportState.DONE, (2, 0, 0))
    with pytest.raises(JobLost):
        dead.write(done=1)


@pytest.mark.django_db(transaction=True)
def test_of_readers_that_race_one_reads_each_file():
    decided = make_decided()
    begun = [begin(line(decided, note=f"{number}"), line(decided, note="end")) for number in range(3)]

    at_once([partial(label_import.read_waiting) for _ in range(4)])

    assert {each.state for each in LabelImport.objects.all()} == {ImportState.DONE}
    assert sum(each.done for each in LabelImport.objects.all()) == 2 * len(begun)
    assert decided.revisions.filter(superseded_at=None).count() == 1


@pytest.mark.parametrize("body", [b"", b"\n \n", b"{}\n" * 100_001], ids=["empty", "blank", "long"])
def test_files_that_cannot_be_read_are_not_kept(body):
    with pytest.raises(label_import.UnusableFile):
        label_import.start(body, operator=make_admin(), actor="command")
    assert not LabelImport.objects.exists()


def test_the_command_reports_what_it_did(tmp_path, capsys):
    decided = make_decided()
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join([json.dumps(line(decided, note="ok")), "{"]))
    make_admin("boss")

    with pytest.raises(CommandError, match="Some lines were refused") as ended:
        call_command("import_labels", str(path), "--as", "boss")
    assert ended.value.returncode == 1
    out, err = capsys.readouterr()
    assert out == "1 imported, 0 as they were, 1 refused of 2\n"
    assert err == "line 2: The line is no JSON object.\n"

    path.write_text(json.dumps(line(decided, note="ok")))
    call_command("import_labels", str(path), "--as", "boss")  # nothing is refused
    path.write_text("{")
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("import_labels", str(path), "--as", "boss", "--all-or-nothing")
    with pytest.raises(CommandError, match="no admin named nobody"):
        call_command("import_labels", str(path), "--as", "nobody")
