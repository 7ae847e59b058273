"""What the desk told a person, and what counts as read."""

import pytest
from django.urls import reverse

from escalations import stored_words
from escalations.models import Notice, NoticeKind
from escalations.people import notices
from tests.factories import make_case, make_operator

pytestmark = pytest.mark.django_db


def tell(operator, text="The user answered.", case=None):
    return Notice.objects.create(operator=operator, case=case, kind=NoticeKind.REPLY, text=text)


def unread(operator):
    return list(Notice.objects.filter(operator=operator, read_at=None).values_list("text", flat=True))


@pytest.fixture
def noor(client):
    operator = make_operator("noor")
    client.force_login(operator)
    return operator


def test_a_person_sees_their_own_notices_and_nothing_is_read_by_looking(client, noor):
    tell(noor, "For Noor", case=make_case())
    tell(make_operator("kim"), "For Kim")
    for name in ("notices", "latest_notices"):
        page = client.get(reverse(name)).content.decode()
        assert "For Noor" in page
        assert "For Kim" not in page
    client.get(reverse("case", args=[Notice.objects.get(operator=noor).case_id]))
    assert unread(noor) == ["For Noor"]


def test_one_is_marked_as_read_and_only_ones_own(client, noor):
    first, _, foreign = tell(noor, "first"), tell(noor, "second"), tell(make_operator("kim"), "Kim's")
    for notice in (first, foreign):
        client.post(reverse("mark_notices_read"), {"notice": notice.id})
    assert unread(noor) == ["second"]
    assert unread(foreign.operator) == ["Kim's"]


def test_all_that_were_shown_are_marked_as_read_and_what_came_since_is_not(client, noor):
    tell(noor, "first")
    shown = tell(noor, "second")
    tell(noor, "came since")
    client.post(reverse("mark_notices_read"), {"up_to": shown.id})
    assert unread(noor) == ["came since"]


def test_what_was_read_can_be_left_out(client, noor):
    client.post(reverse("mark_notices_read"), {"notice": tell(noor, "Old news").id})
    tell(noor, "News")
    page = client.get(reverse("notices"), {"show": "unread"}).content.decode()
    assert "News" in page
    assert "Old news" not in page


def test_a_long_list_goes_on_from_where_it_ended(client, noor):
    Notice.objects.bulk_create(
        Notice(operator=noor, kind=NoticeKind.REPLY, text=f"No. {n};") for n in range(60)
    )
    first = client.get(reverse("notices")).content.decode()
    assert ("No. 59;" in first, "No. 10;" in first, "No. 9;" in first) == (True, True, False)
    older = client.get(reverse("notices"), {"before": Notice.objects.get(text="No. 10;").id})
    assert "No. 9;" in older.content.decode()
    assert "No. 10;" not in older.content.decode()


def test_the_bell_of_every_page_tells_how_many_are_unread(client, noor):
    tell(noor)
    tell(noor)
    assert 'aria-label="2 unread notices"' in client.get("/").content.decode()


GAPS = {"person": "Kim: the first", "queue": "refunds", "agent": "support", "host": "agent.example"}
GAPS |= {"scope": "refunds", "value": "62.0%", "limit": "80.0%", "detail": "cost"}


@pytest.mark.parametrize("kind", NoticeKind)
def test_what_the_desk_writes_is_told_from_what_follows_it(kind):
    for words in notices.OF_KIND[kind]:
        text = words % GAPS
        for rest in ("", ": Refund 20%: yes?"):
            told, values, following = notices.taken_apart(Notice(kind=kind, text=text + rest))
            assert (told, told % values, following) == (words, text, rest)


def test_words_that_are_not_the_desks_are_shown_as_they_are():
    assert notices.shown(Notice(kind=NoticeKind.TAKEN, text="100% of (it): done")) == "100% of (it): done"
    assert stored_words.shown("At the dentist’s, 50%") == "At the dentist’s, 50%"
