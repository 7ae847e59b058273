"""What a person says to the user of a case, without a browser."""

import pytest

from escalations import transitions
from escalations.events import LoggedEvent
from escalations.models import Role, Turn
from operators.case.views.case import render_status
from operators.live.rooms import QueueTopic
from operators.models import Draft
from operators.queue.queue_view import QueueView
from tests.factories import claim, make_case, make_operator, make_queue

pytestmark = pytest.mark.django_db
SCRIPTED = {"HX-Request": "true"}


@pytest.fixture
def case(client):
    return make_case(kind="takeover")


@pytest.fixture
def holder(client, case):
    operator = make_operator(first_name="Noor")
    client.force_login(operator)
    claim(case, operator)
    return operator


def say(client, case, text, *, token=1, **fields):
    typed = {"say": text, "lease_token": token} | fields
    return client.post(f"/cases/{case.id}/say/", typed, headers=SCRIPTED)


def test_what_is_sent_is_shown_at_once_and_is_no_draft_any_more(client, case, holder):
    client.post(f"/cases/{case.id}/draft/", {"say": "Hello", "message": "Later"})
    answer = say(client, case, "Hello", say_links="https://example.com/a.pdf https://example.com/b")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert 'id="case-status"' in html
    assert 'href="https://example.com/b"' in html
    assert Draft.objects.get().fields == {"message": ["Later"]}


def test_words_keep_their_key_as_long_as_nobody_knows_that_they_arrived(client, case, holder):
    client.post(f"/cases/{case.id}/draft/", {"say": "Hello", "say_key": "k-1"})
    assert 'name="say_key" form="decide" value="k-1"' in client.get(f"/cases/{case.id}/").content.decode()
    for _ in range(2):
        assert say(client, case, "Hello", say_key="k-1").status_code == 200
    assert Turn.objects.count() == 1
    assert 'value="k-1"' not in client.get(f"/cases/{case.id}/").content.decode()


def test_words_of_the_desk_are_text_and_nothing_else(client, case, holder):
    transitions.say(lease=transitions.LeaseToken(case.id, holder, 1), text="<b>*x*</b> https://example.com")
    html = render_status(case.id)
    assert "&lt;b&gt;*x*&lt;/b&gt; https://example.com</div>" in html


@pytest.mark.parametrize(
    ("fields", "status", "detail"),
    [
        ({"say": " "}, 422, "Write something first."),
        ({"say_links": "example.com"}, 422, "no web address: example.com"),
        ({"token": 7}, 409, "Your claim has ended."),
    ],
)
def test_a_refusal_says_why_and_keeps_the_words(client, case, holder, fields, status, detail):
    answer = say(client, case, fields.pop("say", "Hello"), **fields)
    assert answer.status_code == status
    assert detail in answer.json()["detail"]
    assert not Turn.objects.exists()


def test_without_scripts_the_words_come_back_with_the_page(client, case, holder):
    answer = client.post(f"/cases/{case.id}/say/", {"say": "Hello", "lease_token": 7}, follow=True)
    assert "Your claim has ended." in answer.content.decode()
    assert ">Hello</textarea>" in answer.content.decode()
    answer = client.post(f"/cases/{case.id}/say/", {"say": "Hello", "lease_token": 1}, follow=True)
    assert 'class="bubble operator"' in answer.content.decode()
    assert ">Hello</textarea>" not in answer.content.decode()


def test_links_of_a_user_are_shown_as_such_only_when_they_lead_to_the_web(client, case):
    links = [{"uri": "https://example.com/photo.png"}, {"uri": "javascript:alert(1)"}, "nonsense", {"uri": 1}]
    message = {"role": "user", "content": "See", "attachments": links}
    transitions.add_message(case_id=case.id, messages=[message], actor="agent:support")
    html = render_status(case.id)
    assert html.count("<a ") == 2, "to the conversation, and to the photo"
    assert 'rel="noopener noreferrer nofollow">https://example.com/photo.png</a>' in html
    assert "<li>javascript:alert(1)</li>" in html


def test_only_the_holder_is_offered_the_composer(client, case, holder):
    assert 'id="say"' in client.get(f"/cases/{case.id}/").content.decode()
    client.force_login(make_operator())
    assert 'id="say"' not in client.get(f"/cases/{case.id}/").content.decode()


def test_a_note_is_shown_to_everybody_and_mentions_stand_out(client, case):
    author = make_operator("kim", first_name="Kim")
    make_operator("noor", first_name="Noor")
    client.force_login(author)
    expected = '&lt;i&gt;Look&lt;/i&gt;, <b class="mention">@noor</b>.'
    assert expected in post_note(client, case, "<i>Look</i>, @noor.").content.decode()
    assert expected in render_status(case.id)
    assert "Write something first." in post_note(client, case, " ").json()["detail"]
    assert case.notes.get().author == author


def test_names_are_completed_among_those_who_may_see_the_case(client, case):
    make_operator("noor", first_name="Nadia")
    make_operator("norbert", queues=[make_queue("elsewhere")])
    client.force_login(make_operator("kim"))
    html = client.get(f"/cases/{case.id}/people/?q=NO").content.decode()
    assert 'data-username="noor"' in html
    assert "norbert" not in html
    assert 'data-username="noor"' in client.get(f"/cases/{case.id}/people/?q=nad").content.decode()


def post_note(client, case, body):
    return client.post(f"/cases/{case.id}/notes/", {"body": body}, headers=SCRIPTED)


def test_a_very_long_conversation_shows_its_end_and_leads_to_the_rest(client, case):
    turns = [{"role": "user", "content": f"word {number} of it"} for number in range(103)]
    transitions.add_message(case_id=case.id, messages=turns, actor="agent:support")
    html = render_status(case.id)
    assert "103 turns since it came" in html
    assert "3 earlier turns." in html
    assert "word 2 of it" not in html
    assert "word 3 of it" in html
    client.force_login(make_operator())
    text = client.get(f"/cases/{case.id}/said/")
    assert text.headers["Content-Type"].startswith("text/plain")
    assert "word 0 of it" in text.content.decode()


@pytest.mark.parametrize(("kind", "shown"), [("typing", False), ("noted", False), ("message", True)])
def test_queues_are_not_drawn_anew_for_what_they_do_not_show(kind, shown):
    view = QueueView.for_operator(make_operator(role=Role.ADMIN), {})
    event = LoggedEvent(**dict.fromkeys(LoggedEvent.__dataclass_fields__) | {"kind": kind})
    assert QueueTopic(view, "en").concerns(event) == shown
