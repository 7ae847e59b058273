import pytest
from django.core.management import CommandError, call_command

from escalations.models import AuditEntry
from tests import factories

from .formats.examples import load_file

pytestmark = pytest.mark.django_db


def test_writes_a_file_that_loads_and_says_how_much(tmp_path, capsys):
    factories.make_resolved()
    out = tmp_path / "rows.jsonl"

    call_command("export_labels", "--format", "sft", "--out", str(out))

    assert len(load_file(out)) == 1
    captured = capsys.readouterr()
    assert "1 rows" in captured.err
    assert captured.out == ""
    assert list(tmp_path.glob("*.part")) == []
    assert AuditEntry.objects.filter(actor="command", action="export", target="export:sft").exists()


def test_takes_filters_from_the_command_line(tmp_path):
    factories.make_resolved()
    out = tmp_path / "rows.jsonl"

    def lines(*options):
        call_command("export_labels", "--format", "sft", "--out", str(out), *options)
        return len(out.read_bytes().splitlines())

    assert lines("--agent", "support", "--version", "2.3", "--since", "2020-01-01") == 1
    assert lines("--until", "2020-01-01T12:00") == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--agent", "suport"], "no agent named suport"),
        (["--version", "7"], "no version 7"),
        (["--since", "yesterday"], "no date or time"),
    ],
)
def test_mistakes_are_told_in_one_line(options, words, tmp_path):
    out = tmp_path / "rows.jsonl"

    with pytest.raises(CommandError, match=words):
        call_command("export_labels", "--format", "sft", "--out", str(out), *options)

    assert not out.exists()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CommandError, match="Cannot write"):
        call_command("export_labels", "--format", "sft", "--out", str(tmp_path / "no" / "rows.jsonl"))
