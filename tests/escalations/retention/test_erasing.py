"""Erasing a person's data: nothing that they said stays, and datasets are made again without them."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction

from agents_api.models import WebhookDelivery, WebhookEndpoint
from escalations import transitions
from escalations.datasets import building, folders, leases, versions
from escalations.models import (
    CaseSubject,
    Dataset,
    DatasetVersion,
    Erasure,
    Escalation,
    Event,
    GoldItem,
    Handoff,
    LabelRevision,
    Resolution,
    Review,
    ReviewState,
    VersionState,
)
from escalations.retention import erasing, subjects
from escalations.reviews import line
from escalations.search import indexing
from escalations.transitions import Erased, notes
from operators.models import Draft, LabelsDraft, ReviewDraft
from tests import factories
from tests.threads import at_once

SECRET = "Rosalind-Marker-4711"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATASETS_DIR = tmp_path


def of_customer(ref, text, operator, **fields):
    messages = [{"role": "user", "content": text}]
    case = factories.make_case(messages=messages, metadata={"customer_ref": ref}, **fields)
    factories.decide(factories.claim(case, operator), note=text, must=[text])
    return case


def everything_kept():
    """All text in all tables, as one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f"SELECT '{table}: ' || kept::text FROM \"{table}\" kept")
            found += [row for (row,) in cursor.fetchall()]
    return found


def build(dataset):
    version = versions.start(dataset, actor="test")
    building.build_waiting()
    return DatasetVersion.objects.get(pk=version.pk)


def test_nothing_that_was_said_stays_and_the_labels_do():
    operator = factories.make_operator()
    agent = factories.make_agent()
    WebhookEndpoint.objects.create(agent=agent, url="https://a.example/x", secret="whsec_x")
    case = factories.make_case(
        messages=[{"role": "user", "content": SECRET}],
        summary=SECRET,
        question=SECRET,
        kind="question",
        conversation_id=SECRET,
        metadata={"customer_ref": SECRET},
        steps=[{"name": SECRET}],
    )
    transitions.add_message(case_id=case.id, messages=[{"role": "user", "content": SECRET}], actor="agent:x")
    lease = factories.claim(case, operator)
    notes.add(case=case, author=operator, body=SECRET)
    Draft.objects.create(case=case, operator=operator, fields={"message": SECRET})
    factories.decide(
        lease, "respond", message=SECRET, disposition="replace", note=SECRET, first_error_index=0
    )
    transitions.reopen(case_id=case.id, operator=operator, reason=SECRET)
    factories.decide(factories.claim(case, operator), "respond", deterministic_rule=SECRET, must_not=[SECRET])
    decided = Resolution.objects.order_by("id").last()
    review = Review.objects.create(resolution=decided, stratum="ordinary", probability=1)
    ReviewDraft.objects.create(review=review, operator=operator, fields={"note": [SECRET]})
    LabelsDraft.objects.create(
        resolution=decided, operator=operator, kind="correction", fields={"note": [SECRET]}
    )
    labels = decided.revisions.get()
    gold = GoldItem.objects.create(resolution=decided, revision=labels, created_by=operator)
    indexing.index_pending()
    assert WebhookDelivery.objects.exists()

    erasing.carry_out(erasing.ask(actor="test", customer_ref=SECRET), actor="test")

    assert not [row for row in everything_kept() if SECRET in row]
    assert list(Resolution.objects.order_by("id").values_list("disposition", "first_error_index")) == [
        ("replace", 0),
        ("approve", None),
    ]
    assert not LabelRevision.objects.filter(training_allowed=True).exists()
    assert Event.objects.filter(case=case, kind="erased").exists()
    # Nobody is given what nobody can judge any more.
    review.refresh_from_db()
    gold.refresh_from_db()
    assert review.state == ReviewState.DROPPED
    assert gold.retired_at
    assert len(Handoff.objects.get(case=case).payload["steps"]) == 1


def test_all_cases_of_the_customer_are_found_and_open_ones_are_left_and_said():
    operator = factories.make_operator()
    mine = [of_customer("C7", f"mine {n}", operator) for n in range(3)]
    other = of_customer("C8", "other", operator)
    factories.make_case(metadata={"customer_ref": "C7"})
    Escalation.objects.filter(id=mine[0].id).update(received_at="2026-01-01T00:00:00Z")
    subjects.note_subjects(limit=100)
    assert list(CaseSubject.objects.values_list("case_id", flat=True)) == [mine[0].id]

    call_command("erase_person", "--customer", "C7")

    erasure = Erasure.objects.get()
    assert (erasure.cases, erasure.left_open, erasure.customer_ref) == (3, 1, "")
    assert Handoff.objects.get(case=other).payload["messages"]
    assert not any(Handoff.objects.get(case=case).payload["messages"] for case in mine)


def test_versions_that_held_the_data_are_listed_and_made_again_without_them():
    operator = factories.make_operator()
    cases = [
        of_customer(f"C{n}", f"Case {n}: {'word ' * n}{SECRET if n == 2 else ''}", operator) for n in range(5)
    ]
    dataset, other = (
        Dataset.objects.create(name="all"),
        Dataset.objects.create(name="none", filter={"queue": "x"}),
    )
    first, second = build(dataset), build(dataset)
    build(other)
    before = (folders.root() / first.folder / "kept.jsonl").read_text()
    assert SECRET in before

    erasure = erasing.ask(actor="test", case_id=cases[2].id)
    erasing.carry_out_asked()

    erasure.refresh_from_db()
    assert erasure.held_by == [
        {"dataset": "all", "number": 1, "rows": 1},
        {"dataset": "all", "number": 2, "rows": 1},
    ]
    assert set(dataset.versions.values_list("state", flat=True)) == {VersionState.WAITING}
    building.build_waiting()
    for version in dataset.versions.all():
        assert version.state == VersionState.READY
        assert version.manifest["counts"]["erased"] == 1
        assert sum(version.counts["rows"].values()) == 4
    assert [file.sha256 for file in first.files.exclude(split="")] == [
        file.sha256 for file in second.files.exclude(split="")
    ]
    left = [
        path
        for path in folders.root().rglob("*")
        if path.is_file() and SECRET in path.read_text("utf-8", "replace")
    ]
    assert left == []
    assert build(dataset).rows.count() == 4


def test_a_build_that_may_have_read_the_case_begins_again():
    operator = factories.make_operator()
    case = of_customer("C1", SECRET, operator)
    of_customer("C2", "Another one", operator)
    dataset = Dataset.objects.create(name="all")
    versions.start(dataset, actor="test")
    lease = building.claim_version()
    erasing.carry_out(erasing.ask(actor="test", case_id=case.id), actor="test")

    building.build(lease)
    assert dataset.versions.get().state == VersionState.WAITING
    building.build_waiting()

    version = dataset.versions.get()
    assert [row.case for row in version.rows.all()] != [case.id]
    assert SECRET not in json.dumps(version.manifest)


def test_what_is_erased_is_not_taken_up_again_and_its_labels_stay_as_they_are():
    operator = factories.make_operator()
    case = of_customer("C1", SECRET, operator)
    erasing.carry_out(erasing.ask(actor="test", case_id=case.id), actor="test")

    decided = case.resolutions.get()
    said = line.labels_of(line.in_force(decided), training_allowed=True, note=SECRET)
    with pytest.raises(Erased):
        transitions.revise(revision=line.in_force(decided), operator=operator, kind="correction", labels=said)
    with pytest.raises(Erased):
        transitions.judge_blind(resolution=decided, operator=operator, labels=said)
    with pytest.raises(Erased):
        transitions.reopen(case_id=case.id, operator=operator, reason="The user wrote again.")
    assert not [row for row in everything_kept() if SECRET in row]


def test_a_version_that_is_made_again_many_times_counts_its_steps_anew():
    operator = factories.make_operator()
    cases = [of_customer(f"C{n}", f"Case {n}: {'word ' * n}", operator) for n in range(4)]
    version = build(Dataset.objects.create(name="all", drops_near_duplicates=False))
    expected = []
    for case in cases[:2]:
        erasing.carry_out(erasing.ask(actor="test", case_id=case.id), actor="test")
        building.build_waiting()
        version.refresh_from_db()
        assert (version.state, version.done) == (VersionState.READY, version.expected)
        expected.append(version.expected)
    assert expected == [3 * 8, 2 * 8]


def in_a_thread(pool, job):
    """Start the job on a connection of its own; it comes back with what the job raised or returned."""

    def run():
        try:
            return job()
        finally:
            connections.close_all()

    return pool.submit(run)


_BLOCKED = """SELECT pg_stat_clear_snapshot(), count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


def wait_until_blocked(processes):
    """Wait until so many processes wait for a lock."""
    until = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(_BLOCKED)
            if cursor.fetchone()[1] == processes:
                return
            time.sleep(0.01)
    raise AssertionError(f"No {processes} processes wait for a lock.")


@pytest.mark.django_db(transaction=True)
def test_a_version_that_is_shown_while_data_in_it_are_erased_is_made_again():
    case = of_customer("C1", SECRET, factories.make_operator())
    dataset = Dataset.objects.create(name="all")
    versions.start(dataset, actor="test")
    erasure = erasing.ask(actor="test", case_id=case.id)
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            # The builder has said that the version is ready, and cannot commit yet.
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE escalations_datasetfile IN SHARE MODE")
            built = in_a_thread(pool, building.build_waiting)
            wait_until_blocked(1)
            erased = in_a_thread(pool, lambda: erasing.carry_out(erasure, actor="test"))
            wait_until_blocked(2)
        built.result(), erased.result()

    erasure.refresh_from_db()
    assert erasure.held_by == [{"dataset": "all", "number": 1, "rows": 1}]
    building.build_waiting()
    version = dataset.versions.get()
    assert (version.state, version.manifest["counts"]["erased"]) == (VersionState.READY, 1)
    assert not any(SECRET.encode() in path.read_bytes() for path in folders.root().rglob("*.jsonl"))


@pytest.mark.django_db(transaction=True)
def test_no_build_begins_while_data_are_erased():
    versions.start(Dataset.objects.create(name="all"), actor="test")

    def begin():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        return leases.claim_version()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            leases.stop_builds()
            with pytest.raises(OperationalError, match="lock timeout"):
                in_a_thread(pool, begin).result()
        assert in_a_thread(pool, begin).result()


@pytest.mark.django_db(transaction=True)
def test_an_erasure_that_two_carry_out_counts_each_case_once():
    operator = factories.make_operator()
    for n in range(3):
        of_customer("C7", f"Case {n}", operator)
    erasure = erasing.ask(actor="test", customer_ref="C7")

    at_once([lambda: erasing.carry_out(erasure, actor="test")] * 4)

    erasure.refresh_from_db()
    assert erasure.cases == 3
    assert Event.objects.filter(kind="erased").count() == 3
