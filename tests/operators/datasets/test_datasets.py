"""The pages of datasets: choose, build, look, compare, and downloads that go on where they stopped."""

import json
import re
from html import unescape
from urllib.parse import quote

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from escalations import transitions
from escalations.datasets import building, versions
from escalations.models import (
    AuditEntry,
    Dataset,
    DatasetLeftOut,
    DatasetVersion,
    Erasure,
    Resolution,
    RevisionKind,
    VersionState,
)
from escalations.reviews import line
from tests import factories

FIELDS = {"name": "refunds", "validation_percent": "10", "test_percent": "20"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATASETS_DIR = tmp_path


@pytest.fixture
def boss(client):
    operator = factories.make_admin("boss")
    client.force_login(operator)
    return operator


def make_ready(rows=3, name="refunds"):
    operator = factories.make_operator()
    for number in range(rows):
        factories.make_resolved(
            operator, messages=[{"role": "user", "content": f"Case {'x' * number} {number}"}]
        )
    return build(Dataset.objects.create(name=name, validation_percent=0, test_percent=0))


def build(dataset):
    version = versions.start(dataset, actor="test")
    building.build_waiting()
    return DatasetVersion.objects.get(pk=version.pk)


def test_a_dataset_is_chosen_changed_and_built_but_never_split_anew(boss, client):
    factories.make_resolved()
    made = client.post("/datasets/new/", FIELDS | {"verdicts": ["yes"], "until": "2030-01-31"}, follow=True)
    client.post("/datasets/refunds/edit/", {"description": "For refunds", "test_percent": "50"})
    started = client.post("/datasets/refunds/build/", {"note": "The first"}, follow=True)
    again = client.post("/datasets/refunds/build/", follow=True)

    dataset = Dataset.objects.get()
    assert "2030-01-31" in made.content.decode() or "2030-02-01" in made.content.decode()
    assert (dataset.test_percent, dataset.description, dataset.filter) == (20, "For refunds", {})
    assert "Waits for the worker" in started.content.decode()
    assert "Wait until it is ready" in again.content.decode()
    assert dataset.versions.get().note == "The first"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Not a name"}, "Only letters, digits and hyphens, such as refund-cases."),
        ({"name": "new"}, "meaning of its own"),
        ({"name": "known"}, "dataset of this name"),
        ({"test_percent": "85"}, "Leave at least 10 percent"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "before the first"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(change, said, boss, client):
    Dataset.objects.create(name="known")
    answer = client.post("/datasets/new/", FIELDS | change | {"format": "kto"})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert said in shown
    assert re.findall(r'<input[^>]* name="(\w+)"[^>]* autofocus', shown) == list(change)[-1:]
    assert re.search(r'<option value="kto"[^>]* selected', shown)
    assert Dataset.objects.count() == 1


def test_the_preview_counts_and_shows_rows_redacted_and_as_text(boss, client):
    factories.make_resolved(
        messages=[{"role": "user", "content": "</pre><script>x</script> rosa@example.com"}]
    )
    factories.make_resolved(agent=factories.make_agent("billing"))

    both = client.get("/datasets/preview/", {"format": "sft"})
    one = client.get("/datasets/preview/", {"agent": "billing", "format": "preference"})

    assert (both.context["preview"].trainable, one.context["preview"].trainable) == (2, 1)
    assert b"rosa@" not in both.content
    assert b"<script>x" not in both.content
    assert b"as another one" in one.content


def leading_to(html):
    """The addresses of the page's lists of decisions, by the number that stands in the link."""
    found = re.findall(r'<a href="([^"]*(?:decisions|left-out)/[^"]*)">(.*?)</a>', html)
    return {re.sub(r"<[^>]*>", "", text): unescape(url) for url, text in found}


def listed(client, address):
    return [row.case_id for row in client.get(address).context["page"].rows]


def test_the_figures_of_the_preview_lead_to_the_decisions_that_they_count(boss, client, monkeypatch):
    monkeypatch.setattr("operators.datasets.decisions.PAGE", 2)
    operator = factories.make_operator()
    good = [factories.make_resolved(operator) for _ in range(3)]
    forbidden = factories.make_case()
    factories.decide(factories.claim(forbidden, operator), training_allowed=False)
    factories.make_resolved(agent=factories.make_agent("billing"))

    asked = {"agent": "support", "verdicts": [""], "format": "sft", "name": "refunds"}
    urls = leading_to(client.get("/datasets/preview/", asked).content.decode())
    assert set(urls) == {"3 decisions", "4 that fit", "1"}
    assert listed(client, urls["1"]) == [forbidden.id]
    first = client.get(urls["3 decisions"])
    assert [row.case_id for row in first.context["page"].rows] == [good[0].id, good[1].id]
    assert listed(client, f"/datasets/preview/decisions/?{first.context['further']}") == [good[2].id]
    assert listed(client, urls["4 that fit"]) == [good[0].id, good[1].id]
    for senseless in ("x", f"0001-01-01T00:00:00+23:59_{good[0].id}"):
        assert listed(client, f"{urls['3 decisions']}&after={quote(senseless)}") == [good[0].id, good[1].id]


def test_the_reasons_of_a_version_lead_to_what_they_left_out(boss, client, monkeypatch):
    monkeypatch.setattr("operators.datasets.decisions.PAGE", 2)
    monkeypatch.setattr("escalations.datasets.left_out.KEPT", 3)
    monkeypatch.setattr("operators.datasets.decision_views.KEPT", 3)
    operator = factories.make_operator()
    same = [
        factories.make_resolved(operator, messages=[{"role": "user", "content": "The same"}])
        for _ in range(5)
    ]
    build(Dataset.objects.create(name="refunds"))
    # What became of a decision later changes nothing of what was left out.
    factories.make_resolved(operator, messages=[{"role": "user", "content": "The same"}])

    [address] = leading_to(client.get("/datasets/refunds/1/").content.decode()).values()
    first = client.get(address)
    assert "4 decisions, as they were when the version was built. The first 3 are kept." in " ".join(
        first.content.decode().split()
    )
    assert [row.case_id for row in first.context["page"].rows] == [same[1].id, same[2].id]
    further = f"{address}?{first.context['further']}"
    assert listed(client, further) == [same[3].id]
    Resolution.objects.filter(case=same[3]).delete()
    assert "forgotten by now" in client.get(further).content.decode()
    assert client.get("/datasets/refunds/1/left-out/near/").status_code == 404
    DatasetLeftOut.objects.all().delete()
    assert not leading_to(client.get("/datasets/refunds/1/").content.decode())


def test_a_version_tells_what_is_in_it_and_its_progress_ends_with_a_fresh_page(boss, client):
    version = make_ready()
    page = client.get("/datasets/refunds/1/").content.decode()

    assert "sft/train.jsonl" in page
    assert "datasheet.md" in page
    assert client.get("/datasets/refunds/1/state/").headers["HX-Refresh"] == "true"
    DatasetVersion.objects.update(state=VersionState.BUILDING, done=3, expected=9)
    waiting = client.get("/datasets/refunds/1/state/")
    assert "step 3 of 9" in waiting.content.decode()
    assert "HX-Refresh" not in waiting.headers
    DatasetVersion.objects.update(
        state=VersionState.BLOCKED,
        hits=[
            {
                "case": str(version.rows.first().case),
                "format": "sft",
                "pointer": "/messages/0",
                "kind": "CARD",
            }
        ],
    )
    assert "/messages/0" in client.get("/datasets/refunds/1/").content.decode()
    DatasetVersion.objects.update(state=VersionState.FAILED, problem="disk")
    assert "Make room on the disk" in client.get("/datasets/refunds/1/").content.decode()


def test_two_versions_are_compared(boss, client):
    first = make_ready(2)
    factories.make_resolved(messages=[{"role": "user", "content": "Something new"}])
    build(first.dataset)

    page = client.get("/datasets/refunds/2/changes/")
    assert page.context["counts"] == {"added": 1, "removed": 0, "changed": 0, "same": 2}
    other_way = client.get("/datasets/refunds/1/changes/", {"against": "2"})
    assert other_way.context["counts"]["removed"] == 1


def test_a_change_tells_which_labels_are_others(boss, client):
    version = make_ready(2)
    changed = line.in_force(Resolution.objects.first())
    labels = line.labels_of(changed, responsible="tool", must=["Say when."])
    transitions.revise(revision=changed, operator=boss, kind=RevisionKind.CORRECTION, labels=labels)
    build(version.dataset)

    page = client.get("/datasets/refunds/2/changes/").content.decode()

    assert "Whose fault it was, A right answer must</small>" in page


def test_a_download_goes_on_where_it_stopped_unless_the_file_became_another(boss, client):
    version = make_ready()
    address = "/datasets/refunds/1/files/sft/train.jsonl"
    whole = client.get(address)
    content = whole.getvalue()
    rest = client.get(address, headers={"Range": f"bytes={len(content) - 10}-", "If-Range": whole["ETag"]})
    other = client.get(address, headers={"Range": "bytes=5-", "If-Range": '"another"'})
    behind = client.get(address, headers={"Range": "bytes=99999999-"})

    assert [len(json.loads(line)) for line in content.splitlines()] == [3, 3, 3]
    assert whole["ETag"] == f'"{version.files.get(name="sft/train.jsonl").sha256}"'
    assert int(whole["Content-Length"]) == len(content)
    assert 'filename="refunds-v1-sft-train.jsonl"' in whole["Content-Disposition"]
    assert (rest.status_code, rest.getvalue()) == (206, content[-10:])
    assert rest["Content-Range"] == f"bytes {len(content) - 10}-{len(content) - 1}/{len(content)}"
    assert (other.status_code, other.getvalue()) == (200, content)
    assert (behind.status_code, behind["Content-Range"]) == (416, f"bytes */{len(content)}")
    assert client.head(address).status_code == 200
    # Whatever was sent is noted: the whole, a part, and the whole of what became another.
    assert AuditEntry.objects.filter(action="export").count() == 3
    DatasetVersion.objects.update(state=VersionState.WAITING)
    assert client.get(address).status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_a_part_is_streamed_under_asgi_too():
    version = await sync_to_async(make_ready)()
    client = AsyncClient()
    await client.aforce_login(await sync_to_async(factories.make_admin)())

    answer = await client.get("/datasets/refunds/1/files/rows.csv", headers={"Range": "bytes=0-9"})

    assert answer.is_async
    assert (answer.status_code, b"".join([lot async for lot in answer.streaming_content])) == (
        206,
        b"resolution",
    )
    assert version.number == 1


def test_an_erasure_is_asked_for_with_care(boss, client):
    unsure = client.post("/erasures/", {"customer_ref": "C7"})
    both = client.post(
        "/erasures/", {"customer_ref": "C7", "case": str(factories.make_case().id), "sure": "on"}
    )
    client.post("/erasures/", {"customer_ref": "C7", "sure": "on"})

    assert (unsure.status_code, both.status_code) == (422, 422)
    assert Erasure.objects.get().customer_ref == "C7"
    assert "being erased" in client.get("/erasures/").content.decode()


def test_exports_moved(boss, client):
    assert client.get("/exports/").headers["Location"] == "/datasets/"
