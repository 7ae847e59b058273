"""One row per decision, as Parquet."""

import json

import pyarrow.parquet
import pytest

from escalations.datasets import FORMATS, Selection, example_of
from escalations.datasets.formats import parquet
from escalations.datasets.frozen import freeze, thaw
from escalations.models import Guideline, Taxonomy
from tests import factories

from .examples import load_file, write

pytestmark = pytest.mark.django_db


def decided(decision="approve", **labels):
    case = factories.make_case(category="refund", confidence=0.4, steps=[{"name": "search"}])
    return factories.decide(factories.claim(case, factories.make_operator()), decision, **labels)


def thawed(resolution):
    return thaw(freeze(resolution, b"secret").line(0, "train"))


def test_a_row_has_the_case_the_labels_and_the_texts(tmp_path):
    resolution = decided(must=["Check the payer."], step_labels={"0": "bad"}, first_error_index=0)

    [row] = load_file(write("parquet", [parquet.row(example_of(resolution, split="test"))], tmp_path))

    assert list(row) == list(parquet.COLUMNS)
    assert (row["resolution_id"], row["revision"], row["split"]) == (str(resolution.id), 1, "test")
    assert (row["taxonomy_version"], row["guideline_version"]) == (None, None)
    assert (row["agent"], row["queue"]) == ("support", "support")
    assert (row["category"], row["confidence"]) == ("refund", 0.4)
    assert (row["decision"], row["agent_correct"], row["first_error_index"]) == ("approve", "yes", 0)
    assert json.loads(row["must"]) == ["Check the payer."]
    assert json.loads(row["step_labels"]) == {"0": "bad"}
    assert json.loads(row["prompt"])[0]["role"] == "user"
    assert json.loads(row["taught"])["tool_calls"][0]["function"]["name"] == "issue_refund"
    assert row["decided_at"] == resolution.created_at


def test_what_labels_meant_stands_in_rows_of_versions_too():
    meanings = Taxonomy.objects.create(number=3), Guideline.objects.create(number=5, text="Label well.")
    resolution = decided()
    for row in (parquet.row(each) for each in (example_of(resolution), thawed(resolution))):
        assert (row["taxonomy_version"], row["guideline_version"]) == tuple(one.number for one in meanings)


def test_how_long_somebody_took_stands_in_rows_of_versions_too_but_in_those_of_older_releases():
    resolution = decided()
    resolution.revisions.update(active_seconds=41.5)
    line = freeze(resolution, b"secret").line(0, "train")
    older = json.loads(line)
    del older["labels"]["active_seconds"]

    found = [parquet.row(thaw(each))["active_seconds"] for each in (line, json.dumps(older).encode())]

    assert found == [41.5, None]


def test_refusals_have_a_row_and_what_may_not_leave_has_none(tmp_path):
    decided("reject", disposition="replace")
    decided(training_allowed=False)
    decided(agent_correct="unsure")

    rows = [row for _, row in Selection(FORMATS["parquet"]).rows()]

    assert [row["decision"] for row in rows] == ["reject"]
    assert pyarrow.parquet.read_table(write("parquet", [], tmp_path)).num_rows == 0


def test_groups_are_written_one_by_one_with_zstd_and_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "_BATCH_ROWS", 2)
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 2)
    row = parquet.row(example_of(decided()))
    rows = [row | {"note": note} for note in ("a", "broken \ud83d end", "c")]

    path = write("parquet", rows, tmp_path)
    first = path.read_bytes()

    file = pyarrow.parquet.ParquetFile(path)
    assert file.num_row_groups == 2
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert file.read(["note"]).to_pydict() == {"note": ["a", "broken ? end", "c"]}
    assert write("parquet", rows, tmp_path).read_bytes() == first


def test_large_rows_come_fewer_in_a_group(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "_BATCH_LENGTH", 10_000)
    monkeypatch.setattr(parquet, "_GROUP_BYTES", 10_000)
    row = parquet.row(example_of(decided()))
    notes = ["a", "b", "c" * 20_000, "d" * 20_000, "e"]

    file = pyarrow.parquet.ParquetFile(write("parquet", [row | {"note": note} for note in notes], tmp_path))

    assert [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)] == [3, 1, 1]
    assert file.read(["note"]).to_pydict() == {"note": notes}
