"""Notes between people: who is told, and who never is."""

import io

import pytest
from django.core.management import call_command

from escalations.models import Event, Note, Notice, Role
from escalations.transitions import notes
from tests.factories import claim, decide, make_case, make_operator, make_queue
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def told(person):
    return list(Notice.objects.filter(operator=person).values_list("text", flat=True))


def test_whoever_is_mentioned_is_told_once():
    case, author = make_case(), make_operator("kim", first_name="Kim")
    noor, dotted = make_operator("noor"), make_operator("jo.s")
    note = notes.add(case=case, author=author, body="@noor and @jo.s: is this @noor's? Ask @jo.s.")
    expected = "Kim mentioned you: @noor and @jo.s: is this @noor's? Ask @jo.s."
    assert told(noor) == told(dotted) == [expected]
    event = Event.objects.latest("id")
    assert (event.kind, event.version, event.data) == ("noted", 1, {"note": note.pk})


def test_only_people_who_may_see_the_case_are_told():
    case, author = make_case(), make_operator("kim")
    stranger = make_operator("stranger", queues=[make_queue("elsewhere")])
    reviewer = make_operator("ruth", queues=[], role=Role.REVIEWER)
    gone = make_operator("gone", is_active=False)
    notes.add(case=case, author=author, body="@stranger @ruth @gone @kim @nobody me@noor.example")
    assert len(told(reviewer)) == 1
    assert [told(person) for person in (stranger, gone, author)] == [[], [], []]
    assert [person.username for person in notes.who_may_be_mentioned(case, "")] == ["kim", "ruth"]
    assert notes.who_may_be_mentioned(case, "str") == []


def test_an_empty_note_is_none():
    with pytest.raises(notes.EmptyNote):
        notes.add(case=make_case(), author=make_operator(), body=" \n\0")


@pytest.mark.parametrize("format_", ["sft", "preference"])
def test_no_export_holds_a_note(format_, tmp_path):
    case, author = make_case(suggestions=[{"content": "No."}], pending_actions=[]), make_operator()
    notes.add(case=case, author=author, body="A secret of the desk.")
    decide(claim(case, author), "edit", message="Yes.", disposition="edit", agent_correct="no")
    out = tmp_path / "rows.jsonl"
    call_command("export_labels", format=format_, out=out, stderr=io.StringIO())
    assert "Yes." in out.read_text()
    assert "secret" not in out.read_text()


@pytest.mark.django_db(transaction=True)
def test_a_note_that_is_sent_several_times_under_one_key_is_added_and_told_once():
    case, author = make_case(), make_operator("kim")
    make_operator("noor")

    def send(body: str = "@noor look", key: str = "k-1") -> int:
        return notes.add(case=case, author=author, body=body, key=key).pk

    assert len(set(at_once([send] * 4))) == 1
    assert (Note.objects.count(), Notice.objects.count()) == (1, 1)
    assert len({send(), send(body="Other words"), send(key="k-2"), send(key=""), send(key="")}) == 5
