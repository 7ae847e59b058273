"""Versions of datasets: what is in them and what never is, one builder each, the same bytes each time."""

import json
from collections import Counter
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now

from escalations import datasets, redaction, transitions
from escalations.datasets import building, downloads, folders, leases, splits, versions
from escalations.datasets.filters import UNTRAINABLE, Filter
from escalations.models import (
    AgentVersion,
    Dataset,
    DatasetRow,
    DatasetVersion,
    Resolution,
    Run,
    VersionState,
)
from escalations.redaction import hits
from tests import factories
from tests.threads import at_once

PERSONAL = {
    "email": "rosa.calloway@example.com",
    "card": "4111 1111 1111 1111",
    "iban": "DE89 3704 0044 0532 0130 00",
    "phone": "+49 30 1234567",
}


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATASETS_DIR = tmp_path


def make_dataset(name="refunds", **fields):
    return Dataset.objects.create(name=name, **fields)


def build(dataset, **fields):
    version = versions.start(dataset, actor="test", **fields)
    building.build_waiting()
    return DatasetVersion.objects.get(pk=version.pk)


def said(text, **metadata):
    """A handoff whose user says that, of that customer."""
    return {"messages": [{"role": "user", "content": text}], "metadata": metadata}


def read(version, name):
    return (folders.root() / version.folder / name).read_bytes()


def files(version):
    return {file.name: file.sha256 for file in version.files.exclude(split="")}


@pytest.fixture
def decided(db):
    """Seven decided cases that say different things, of customers C0 to C6."""
    operator = factories.make_operator()
    return [
        factories.make_resolved(operator, **said(f"Number {n}: {'word ' * n}please", customer_ref=f"C{n}"))
        for n in range(7)
    ]


def test_a_version_holds_each_row_once_in_the_split_of_its_group_with_the_hashes_of_its_files(decided):
    dataset = make_dataset(test_percent=40, validation_percent=10)
    version = build(dataset)

    assert (version.state, version.problem) == (VersionState.READY, "")
    assert version.done == version.expected
    rows = list(version.rows.all())
    assert {row.case for row in rows} == {case.id for case in decided}
    shares = splits.Shares(validation=10, test=40)
    assert all(row.split == splits.split_of(row.group, dataset.salt, shares) for row in rows)
    for file in version.files.all():
        written = read(version, file.name)
        assert (file.bytes, file.sha256) == (len(written), sha256(written).hexdigest())
    manifest = json.loads(read(version, "manifest.json"))
    assert manifest == version.manifest
    assert manifest["rows"]["sha256"] == sha256(read(version, "rows.csv")).hexdigest()
    assert sum(manifest["counts"]["rows"].values()) == 7
    assert {file["name"]: file["sha256"] for file in manifest["files"]} == files(version)
    sft = [file for file in manifest["files"] if file["format"] == "sft"]
    assert sum(file["rows"] for file in sft) == 7
    assert dataset.secret not in json.dumps(manifest)


def test_two_versions_of_the_same_rows_are_the_same_bytes_whatever_is_said_later(decided):
    dataset = make_dataset()
    first = build(dataset)
    revision = Resolution.objects.get(case=decided[0]).revisions.get()
    second = build(dataset)
    transitions.revise(
        revision=revision,
        operator=factories.make_operator(),
        kind="correction",
        labels=transitions.Labels("approve", "no", "edge_case"),
    )
    third = build(dataset)

    assert files(first) == files(second) != files(third)
    assert second.parent == first
    assert versions.change_counts(first, second) == {"added": 0, "removed": 0, "changed": 0, "same": 7}
    assert versions.change_counts(second, third) == {"added": 0, "removed": 0, "changed": 1, "same": 6}
    [change] = versions.changes(second, third, limit=10)
    assert (change.case_id, change.revision_before, change.revision_after) == (decided[0].id, 1, 2)
    assert change.split_before == change.split_after


def test_what_may_not_train_stays_out_and_is_counted(decided):
    operator = factories.make_operator()
    factories.decide(factories.claim(factories.make_case(), operator), agent_correct="unsure")
    factories.decide(factories.claim(factories.make_case(), operator), disposition="unresolvable")
    factories.decide(factories.claim(factories.make_case(), operator), training_allowed=False)
    # Allowed under rules that find more than those of this release.
    newer = factories.decide(factories.claim(factories.make_case(**said("By newer rules")), operator))
    newer.revisions.update(pii_policy_version=redaction.VERSION + 1)
    factories.make_resolved(operator, "respond", kind="review", run_id="r1")
    audited = factories.make_resolved(operator, **said("Audited, under another kind"))
    Run.objects.create(
        agent=audited.agent,
        agent_version=AgentVersion.objects.get(),
        run_id="r2",
        finished_at=Now(),
        sampling_probability=0.1,
        drawn=True,
        case=audited,
    )
    factories.make_resolved(operator, **said("Hidden how?"), sensitive_paths=["$..card"])
    version = build(make_dataset())

    assert version.rows.count() == 7
    reasons = ("unsure", "unresolvable", "forbidden", "changed", "paths")
    assert version.counts["left_out"] == dict.fromkeys(reasons, 1) | {"audit": 2}
    kept = version.left_out.order_by("id").values_list("why", "resolution")
    assert Counter(why for why, _ in kept) == version.counts["left_out"]
    for why in UNTRAINABLE:
        found = Filter().left_out(why).values_list("id", flat=True)
        assert list(found) == [one for reason, one in kept if reason == why]


def test_rows_that_say_the_same_or_nearly_are_left_out(db):
    operator = factories.make_operator()
    text = "please send the money for my order back to the card that I paid with as soon as you can " * 3
    for message in (text, text, text.replace("soon", "fast", 1), "Where is my parcel?"):
        factories.make_resolved(operator, **said(message))
    dropping, keeping = make_dataset(), make_dataset("all", drops_near_duplicates=False)

    dropped = build(dropping)
    assert dropped.counts["left_out"] == {"duplicate": 1, "near": 1}
    order = list(Resolution.objects.order_by("created_at", "id").values_list("id", flat=True))
    found = dict(dropped.left_out.values_list("why", "resolution"))
    assert found == {"duplicate": order[1], "near": order[2]}
    kept = build(keeping)
    assert kept.counts["left_out"] == {"duplicate": 1}
    assert kept.rows.count() == 3


def test_of_what_is_left_out_the_first_are_kept_and_all_are_counted(db, monkeypatch):
    monkeypatch.setattr("escalations.datasets.left_out.KEPT", 2)
    operator = factories.make_operator()
    for _ in range(4):
        factories.make_resolved(operator, **said("The same"))
    for _ in range(3):
        factories.decide(factories.claim(factories.make_case(), operator), training_allowed=False)
    version = build(make_dataset())
    assert version.counts["left_out"] == {"duplicate": 3, "forbidden": 3}
    assert Counter(version.left_out.values_list("why", flat=True)) == {"duplicate": 2, "forbidden": 2}
    order = list(Resolution.objects.order_by("created_at", "id").values_list("id", flat=True))
    assert {row.resolution for row in version.left_out.all()} == {order[1], order[2], order[4], order[5]}
    # Whoever builds after one that died begins anew.
    DatasetVersion.objects.filter(pk=version.pk).update(
        state=VersionState.WAITING, folder="", selected_at=None, lease_expires_at=None
    )
    building.build_waiting()
    assert version.left_out.count() == 4


def test_groups_keep_their_split_for_ever_and_time_cuts_both_ways(decided):
    Resolution.objects.filter(case__in=decided[:3]).update(created_at=Now() - timedelta(days=9))
    dataset = make_dataset(test_from=Resolution.objects.latest("created_at").created_at - timedelta(days=3))
    first = build(dataset)
    factories.make_resolved(factories.make_operator(), **said("Again the first one", customer_ref="C0"))
    second = build(dataset)

    assert set(
        first.rows.filter(case__in=[case.id for case in decided[3:]]).values_list("split", flat=True)
    ) == {splits.FORWARD}
    assert not first.rows.filter(case__in=[case.id for case in decided[:3]], split=splits.FORWARD).exists()
    known = first.rows.get(case=decided[0].id)
    assert second.counts["left_out"] == ({} if known.split == splits.TEST else {"time": 1})
    before = dict(first.rows.values_list("resolution", "split"))
    assert before.items() <= dict(second.rows.values_list("resolution", "split")).items()


def test_seeded_personal_data_are_in_no_file_and_have_one_placeholder(db):
    operator = factories.make_operator()
    everything = ", ".join(PERSONAL.values())
    refund = factories.REFUND | {"arguments": factories.REFUND["arguments"] | {"payment_method": everything}}
    case = factories.make_case(
        **said(f"Rosa Calloway here. {everything}", customer_ref="rosa.calloway@example.com"),
        pending_actions=[refund],
        context={"facts": {"who": "Rosa Calloway"}},
        sensitive_paths=["$.context.facts.who"],
        conversation_id="+49 30 1234567",
        steps=[{"name": f"Mail {PERSONAL['email']}", "output": PERSONAL["iban"]}],
    )
    factories.decide(
        factories.claim(case, operator),
        "edit",
        disposition="edit",
        agent_correct="no",
        note=everything,
        must=[f"Ask {PERSONAL['email']}"],
        deterministic_rule=PERSONAL["phone"],
        first_error_index=0,
    )
    version = build(make_dataset())

    assert version.state == VersionState.READY
    for file in version.files.all():
        written = read(version, file.name)
        assert not [text for text in [*PERSONAL.values(), "Rosa"] if text.encode() in written]
    [row] = [
        json.loads(line) for line in read(version, f"inspect/{version.rows.get().split}.jsonl").splitlines()
    ]
    assert not list(hits(row))
    [asked] = row["metadata"]["must"]
    assert asked.removeprefix("Ask ") in row["input"][0]["content"]


def test_what_the_second_look_finds_blocks_the_version_and_says_where(decided, monkeypatch):
    monkeypatch.setattr("escalations.redaction.redactor.Redactor._plain", lambda self, text: text)
    factories.make_resolved(factories.make_operator(), **said("Write to rosa@example.com"))
    version = build(make_dataset())

    assert version.state == VersionState.BLOCKED
    assert version.hits[0]["pointer"].startswith("/messages/0")
    assert {hit["kind"] for hit in version.hits} == {"EMAIL"}
    assert "rosa" not in json.dumps(version.hits)
    assert not version.files.exists()
    assert not list(folders.root().glob("*/*"))


def test_a_filter_finds_what_it_says_and_comes_back_as_it_was_kept(decided):
    operator = factories.make_operator()
    factories.make_resolved(operator, "reject", agent=factories.make_agent("billing"), category="invoice")
    moment = Resolution.objects.latest("created_at").created_at
    for wanted, found in (
        (Filter(), 8),
        (Filter(agent="billing", version="2.3", category="invoice"), 1),
        (Filter(queue="nowhere"), 0),
        (Filter(verdicts=("yes",), dispositions=("approve", "edit"), qualities=("single",)), 8),
        (Filter(failure_modes=("cost",)), 0),
        (Filter(since=moment), 1),
        (Filter(until=moment), 7),
    ):
        assert wanted.trainable().count() == found
        assert Filter.read(json.loads(json.dumps(wanted.as_json()))) == wanted


def test_nothing_to_put_in_is_said(db):
    version = build(make_dataset())
    assert (version.state, version.problem) == (VersionState.FAILED, building.EMPTY)


def test_one_version_at_a_time_and_the_database_says_so_too(decided):
    dataset = make_dataset()
    versions.start(dataset, actor="test")
    with pytest.raises(versions.AlreadyBuilding):
        versions.start(dataset, actor="test")
    with pytest.raises(IntegrityError, match="one_version_of_a_dataset_is_built_at_a_time"):
        DatasetVersion.objects.create(dataset=dataset, number=2)


def test_who_lost_the_lease_writes_nothing_and_the_next_builder_starts_again(decided, monkeypatch):
    dataset = make_dataset()
    version = versions.start(dataset, actor="test")
    dead = leases.claim_version()
    (folders.root() / f"{dataset.pk}/{version.number}-0").mkdir(parents=True)
    assert leases.claim_version() is None
    DatasetRow.objects.create(
        version=version, position=0, resolution=decided[0].id, case=decided[0].id, revision=1, sha256="x"
    )
    DatasetVersion.objects.update(lease_expires_at=Now() - timedelta(seconds=1))
    building.build_waiting()
    building.build(dead)

    version.refresh_from_db()
    assert version.state == VersionState.READY
    assert version.rows.count() == 7
    assert [path.name for path in folders.root().glob("*/*")] == [f"{version.number}-2"]


@pytest.mark.django_db(transaction=True)
def test_builders_at_once_never_build_the_same_version():
    for number in range(3):
        versions.start(make_dataset(f"d{number}"), actor="test")

    claimed = [lease.version.pk for lease in at_once([leases.claim_version] * 6) if lease]

    assert sorted(claimed) == sorted(DatasetVersion.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-1", range(2)),
        ("bytes=4-", range(4, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=0-99", range(10)),
        ("bytes=-99", range(10)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
    ],
)
def test_a_range_asks_for_these_bytes(header, expected):
    assert downloads.range_of(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(header):
    with pytest.raises(ValueError, match=header):
        downloads.range_of(header, 10)


def test_formats_are_those_of_the_exports():
    assert set(datasets.FORMATS) >= {"sft", "preference", "kto", "stepwise", "inspect", "parquet"}
