import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from escalations import transitions
from operators.models import Draft, NoteDraft
from tests.factories import claim, decide, make_case, make_operator, make_resolved

pytestmark = pytest.mark.django_db


def test_what_is_typed_is_kept_as_it_is(client):
    operator, case = make_operator(), make_case()
    claim(case, operator)
    client.force_login(operator)
    typed = {
        "decision": "edit",
        "action-0-arguments": '{"amount": oh',
        "message": "Half a sen",
        "lease_token": "1",
        "csrfmiddlewaretoken": "x",
    }
    assert client.post(f"/cases/{case.id}/draft/", typed).status_code == 204
    assert Draft.objects.get().fields == {
        "decision": ["edit"],
        "action-0-arguments": ['{"amount": oh'],
        "message": ["Half a sen"],
    }
    html = client.get(f"/cases/{case.id}/").content.decode()
    assert ">Half a sen</textarea>" in html
    assert "{&quot;amount&quot;: oh</textarea>" in html
    assert 'value="edit" required checked' in html
    assert 'name="training_allowed"> ' in html  # it was not ticked


def test_the_newest_draft_counts_and_each_person_has_their_own(client):
    case = make_case()
    for operator, words in [(make_operator(), "first"), (make_operator(), "second")]:
        client.force_login(operator)
        for text in ("old", words):
            client.post(f"/cases/{case.id}/draft/", {"message": text})
    assert sorted(draft.fields["message"][0] for draft in Draft.objects.all()) == ["first", "second"]


def test_a_draft_outlives_the_claim_and_stays_readable(client):
    case, operator = make_case(), make_operator()
    client.force_login(operator)
    client.post(f"/cases/{case.id}/draft/", {"message": "My words", "decision": "reject"})
    claim(case, make_operator())
    html = client.get(f"/cases/{case.id}/").content.decode()
    assert "Your draft" in html
    assert "My words" in html
    assert "Deny" in html


def test_a_draft_of_somebody_else_is_not_shown(client):
    case = make_case()
    client.force_login(make_operator())
    client.post(f"/cases/{case.id}/draft/", {"message": "My words"})
    client.force_login(make_operator())
    assert "My words" not in client.get(f"/cases/{case.id}/").content.decode()


def test_a_save_after_the_decision_leaves_no_ghost(client):
    operator = make_operator()
    case = make_resolved(operator)
    client.force_login(operator)
    assert client.post(f"/cases/{case.id}/draft/", {"message": "late"}).status_code == 409
    assert not Draft.objects.exists()


def test_who_lost_the_case_keeps_their_draft_when_another_decides(client):
    case = make_resolved(make_operator())
    client.force_login(make_operator())
    assert client.post(f"/cases/{case.id}/draft/", {"message": "I thought so"}).status_code == 204
    assert "I thought so" in client.get(f"/cases/{case.id}/").content.decode()


def test_characters_that_no_database_keeps_do_no_harm(client):
    case = make_case()
    client.force_login(make_operator())
    assert client.post(f"/cases/{case.id}/draft/", {"message": "a\0b"}).status_code == 204
    assert Draft.objects.get().fields["message"] == ["ab"]


def test_a_note_is_kept_apart_from_the_decision_and_goes_when_it_is_added(client):
    case, operator = make_case(), make_operator()
    client.force_login(operator)
    lease = claim(case, operator)
    client.post(f"/cases/{case.id}/notes/draft/", {"body": "half a no\0te"})
    client.post(f"/cases/{case.id}/draft/", {"message": "words"})
    decide(lease)
    assert ">half a note</textarea>" in client.get(f"/cases/{case.id}/").content.decode()
    client.force_login(make_operator())
    assert "half a note" not in client.get(f"/cases/{case.id}/").content.decode()
    client.force_login(operator)
    client.post(f"/cases/{case.id}/notes/", {"body": "half a note, and more"})
    assert not NoteDraft.objects.exists()
    client.post(f"/cases/{case.id}/notes/draft/", {"body": "again"})
    client.post(f"/cases/{case.id}/notes/draft/", {"body": ""})
    assert not NoteDraft.objects.exists()


@pytest.fixture
def begun(client):
    """A case of which Kim typed an answer before putting it back, and which Noor holds now."""
    case, kim, noor = make_case(), make_operator("kim", first_name="Kim"), make_operator("noor")
    lease = claim(case, kim)
    client.force_login(kim)
    typed = {"decision": "reject", "message": "Kim’s words", "say_key": "k-1", "training_allowed": "on"}
    client.post(f"/cases/{case.id}/draft/", typed)
    transitions.release(lease=lease)
    claim(case, noor)
    client.force_login(noor)
    return case


def answer_begun(client, case, answer: str):
    token = re.search(r'name="begun" value="([^"]+)"', client.get(f"/cases/{case.id}/").content.decode())
    return client.post(f"/cases/{case.id}/begun/", {"begun": token and token[1], "answer": answer})


def test_what_the_holder_before_had_begun_is_offered_to_the_next_and_sent_only_by_them(client, begun):
    page = client.get(f"/cases/{begun.id}/").content.decode()
    assert "<b>Kim</b> had begun an answer." in page
    assert ">Kim’s words</textarea>" not in page
    assert "Kim’s words" in page
    answer_begun(client, begun, "use")
    page = client.get(f"/cases/{begun.id}/").content.decode()
    assert ">Kim’s words</textarea>" in page
    assert 'value="reject" required checked' in page
    assert "had begun an answer" not in page
    assert 'name="say_key" form="decide" value="k-1"' not in page
    assert not begun.resolutions.exists()
    assert Draft.objects.count() == 2


def test_what_is_left_is_offered_no_more_unless_more_was_typed(client, begun):
    answer_begun(client, begun, "leave")
    page = client.get(f"/cases/{begun.id}/").content.decode()
    assert "Kim’s words" not in page
    assert 'name="training_allowed" checked' in page
    Draft.objects.filter(operator__username="kim").update(updated_at=Now() + timedelta(seconds=2))
    assert "Kim’s words" in client.get(f"/cases/{begun.id}/").content.decode()


def test_an_offered_answer_takes_the_place_of_no_words_of_ones_own(client, begun):
    client.post(f"/cases/{begun.id}/draft/", {"message": "My own"})
    answer_begun(client, begun, "use")
    page = client.get(f"/cases/{begun.id}/").content.decode()
    assert "You have typed an answer of your own." in page
    assert ">My own</textarea>" in page
    assert "had begun an answer" in page


def test_an_answer_is_offered_to_the_holder_alone(client, begun):
    client.force_login(make_operator())
    assert "Kim’s words" not in client.get(f"/cases/{begun.id}/").content.decode()
    client.post(f"/cases/{begun.id}/begun/", {"answer": "use"})
    assert Draft.objects.count() == 1


def test_only_what_a_holder_typed_in_this_cycle_is_offered(client, begun):
    Draft.objects.update(fields={"decision": ["reject"]})
    assert "had begun" not in client.get(f"/cases/{begun.id}/").content.decode()
    Draft.objects.update(fields={"message": ["Old"]}, updated_at=begun.received_at - timedelta(days=1))
    assert "had begun" not in client.get(f"/cases/{begun.id}/").content.decode()
    looker = make_operator()
    Draft.objects.create(case=begun, operator=looker, fields={"message": ["I only looked"]})
    assert "had begun" not in client.get(f"/cases/{begun.id}/").content.decode()
