"""`manage.py export_dataset`: whole files with the right hash, also after it was cut short."""

import json

import pytest
from django.core.management import CommandError, call_command

from escalations.models import AuditEntry, Dataset
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATASETS_DIR = tmp_path / "desk"


def test_a_version_is_built_and_copied_and_a_cut_copy_goes_on(tmp_path):
    factories.make_resolved()
    dataset = Dataset.objects.create(name="all", validation_percent=0, test_percent=0)
    out = tmp_path / "out"
    with pytest.raises(CommandError, match="no such version"):
        call_command("export_dataset", "all", "--out", str(out))

    call_command("export_dataset", "all", "--out", str(out), "--build")

    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert names == set(dataset.versions.get().files.values_list("name", flat=True))
    assert {"sft/train.jsonl", "parquet/train.parquet", "manifest.json"} <= names
    whole = (out / "sft/train.jsonl").read_bytes()
    [row] = [json.loads(line) for line in whole.splitlines()]
    assert row["messages"]

    (out / "sft/train.jsonl").unlink()
    (out / "sft/train.jsonl.part").write_bytes(whole[:7])
    call_command("export_dataset", "all", "--out", str(out), "--version", "1", "--format", "sft")
    assert (out / "sft/train.jsonl").read_bytes() == whole

    (out / "sft/train.jsonl.part").write_bytes(b"x" * 7)
    with pytest.raises(CommandError, match="Run this again"):
        call_command("export_dataset", "all", "--out", str(out), "--format", "sft")
    assert AuditEntry.objects.filter(action="export").count() == 3
    assert not list(out.rglob("*.part"))


def test_what_is_not_there_or_empty_is_said(tmp_path):
    Dataset.objects.create(name="all")
    with pytest.raises(CommandError, match="no dataset"):
        call_command("export_dataset", "other", "--out", str(tmp_path))
    with pytest.raises(CommandError, match="failed empty"):
        call_command("export_dataset", "all", "--out", str(tmp_path), "--build")
