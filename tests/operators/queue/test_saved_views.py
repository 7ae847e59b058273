"""Filters of the queue page, and the views that people keep of them."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db.models.functions import Now

from escalations.models import Escalation, State
from operators.models import SavedView
from operators.queue.queue_view import QueueView
from operators.queue.views.queue import render_list
from tests.factories import claim, make_admin, make_agent, make_case, make_operator, make_queue, make_skill
from tests.operators.queue.test_queue_page import headlines, in_the_past, page

pytestmark = pytest.mark.django_db


def save(client, operator, name="Refunds", *, shared=False, **params):
    client.force_login(operator)
    data = {"name": name, **params} | ({"is_shared": "on"} if shared else {})
    return client.post("/views/", data, headers={"HX-Request": "true"})


def pills(html):
    """The counts on the pills, by name."""
    found = re.findall(r'<a class="pill[^>]*>([^<]*) <b>([^<]*)</b></a>', html)
    return dict(found)


@pytest.fixture
def cases(db):
    """A case for each filter, named by what it is found with."""
    make_skill("fr")
    make_case(question="kind", kind="question")
    make_case(question="priority", routing={"priority": "urgent"})
    make_case(make_agent("shop"), question="agent")
    make_case(question="skill", routing={"skills": ["fr"]})
    in_the_past(make_case(question="breached"), received_at=1000, due_at=1)
    in_the_past(make_case(question="at risk"), received_at=1000, clock_started_at=1000, due_at=-100)
    claim(make_case(question="held"), make_operator())
    snoozed = make_case(question="snoozed")
    Escalation.objects.filter(id=snoozed.id).update(
        state=State.SNOOZED, snoozed_until=Now() + timedelta(hours=1)
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=question", ["kind"]),
        ("priority=urgent", ["priority"]),
        ("agent=shop", ["agent"]),
        ("skill=fr", ["skill"]),
        ("due=breached", ["breached"]),
        ("due=at_risk", ["at risk"]),
        ("state=held", ["held"]),
        ("state=snoozed", ["snoozed"]),
        ("state=waiting", []),
        ("state=held&kind=question", []),
        ("view=mine&kind=question", []),
        ("queue=billing", []),
        ("agent=nobody", []),
    ],
)
def test_each_filter_leaves_what_fits(client, cases, query, found):
    operator = make_operator(skills=["fr"])
    assert headlines(page(client, operator, f"?{query}")) == found


def test_what_no_filter_knows_is_left_out(client, cases):
    html = page(client, make_operator(skills=["fr"]), "?kind=nonsense&due=%00&state=42&priority=2&view=all")
    assert len(headlines(html)) == 8


def test_equal_filters_are_equal_views_and_others_are_not():
    operator = make_operator()
    first = QueueView.for_operator(operator, {"kind": "question", "due": "breached", "nonsense": "1"})
    again = QueueView.for_operator(operator, dict(parse_qsl(first.query)))
    other = QueueView.for_operator(operator, {"kind": "question"})
    assert first.key == again.key
    assert first.key != other.key


def test_a_filter_that_leaves_nothing_can_be_cleared(client):
    html = page(client, make_operator(), "?view=all&kind=review")
    assert "No case matches" in html
    assert 'href="/?view=all"' in html


def test_a_change_of_filters_is_answered_with_what_it_changes(client, cases):
    client.force_login(make_operator())
    headers = {"HX-Request": "true", "HX-Target": "queue-list"}
    answer = client.get("/?view=all&kind=question&due=", headers=headers)
    assert answer.headers["HX-Push-Url"] == "?view=all&kind=question"
    html = answer.content.decode()
    ids = set(re.findall(r'id="([\w-]+)"', html))
    assert {"pulse", "queue-views", "queue-list", "my-views", "view-tools"} <= ids
    assert headlines(html) == ["kind"]


def test_a_saved_view_is_a_pill_with_its_count(client, cases):
    operator = make_operator(skills=["fr"])
    answer = save(client, operator, view="all", kind="question", queue="")
    assert answer.headers["HX-Redirect"] == "/?kind=question&view=all"
    html = page(client, operator, "?view=all&kind=question")
    assert pills(html)["Refunds"] == "1"
    assert re.search(r'href="/\?kind=question&amp;view=all" aria-current="true">Refunds', html)
    assert "Delete view" in html
    assert "Refunds" not in page(client, make_operator())


def test_a_shared_view_counts_by_the_rights_of_whoever_looks(client):
    billing = make_queue("billing")
    make_case(kind="question")
    make_case(make_agent("other", queue=billing), kind="question")
    save(client, make_operator(), shared=True, view="all", kind="question")
    one, both = make_operator(), make_operator(queues=[make_queue(), billing])
    assert pills(page(client, one))["Refunds"] == "1"
    assert pills(page(client, both))["Refunds"] == "2"
    assert pills(render_list(QueueView.for_operator(one, {})))["Refunds"] == "1"


def test_personal_views_never_show_in_the_part_that_others_share(client):
    first, second = make_operator(), make_operator()
    save(client, first, kind="question")
    save(client, first, "My own", shared=True, view="mine")
    assert QueueView.for_operator(first, {}).key == QueueView.for_operator(second, {}).key
    html = render_list(QueueView.for_operator(first, {}))
    assert "Refunds" not in html
    assert "My own" not in html
    claim(make_case(), second)
    assert pills(page(client, second))["My own"] == "1"
    assert pills(page(client, first))["My own"] == "0"
    fresh = client.get("/views/mine/?view=all").content.decode()
    assert pills(fresh) == {"Mine": "0", "Refunds": "0", "My own": "0"}


def test_the_number_of_queries_does_not_grow_with_saved_views(client, django_assert_num_queries):
    operator = make_operator()
    for number in range(6):
        save(client, operator, f"View {number}", shared=number % 2 == 0, kind="question", state="held")
    with django_assert_num_queries(5):
        assert len(pills(client.get("/").content.decode())) == 11


def test_two_views_of_a_person_never_have_one_name(client):
    operator = make_operator()
    save(client, operator, kind="question")
    answer = save(client, operator, "  Refunds ", kind="review")
    assert answer.status_code == 422
    assert "You have a view of this name already." in answer.content.decode()
    assert save(client, make_operator(), kind="review").status_code == 200


def test_a_view_needs_a_name(client):
    assert "Give it a name." in save(client, make_operator(), " ", kind="review").content.decode()
    assert not SavedView.objects.exists()


def test_a_view_is_renamed_and_shared_by_its_owner(client):
    operator = make_operator()
    save(client, operator, kind="question")
    saved = SavedView.objects.get()
    client.post(f"/views/{saved.id}/", {"name": "Money", "is_shared": "on"})
    saved.refresh_from_db()
    assert (saved.name, saved.is_shared, saved.params) == ("Money", True, {"kind": "question", "view": "all"})


@pytest.mark.parametrize("action", ["", "delete/"])
def test_only_its_owner_or_an_admin_changes_a_view(client, action):
    save(client, make_operator(), shared=True, kind="question")
    shared = SavedView.objects.get()
    save(client, make_operator(), "Hidden", kind="question")
    hidden = SavedView.objects.get(name="Hidden")
    client.force_login(make_operator())
    assert client.post(f"/views/{shared.id}/{action}", {"name": "Mine now"}).status_code == 403
    assert client.post(f"/views/{hidden.id}/{action}", {"name": "Mine now"}).status_code == 404
    client.force_login(make_admin())
    assert client.post(f"/views/{shared.id}/{action}", {"name": "Mine now"}).status_code == 200


def test_a_deleted_view_comes_back_as_it_was(client):
    operator = make_operator()
    save(client, operator, shared=True, kind="question")
    before = SavedView.objects.values().get()
    client.post(f"/views/{before['id']}/delete/")
    assert not SavedView.objects.exists()
    html = client.get("/").content.decode()
    kept = re.search(r'"kept": "([^"]+)"', html)[1]
    answer = client.post("/views/restore/", {"kept": kept})
    assert urlsplit(answer.headers["HX-Redirect"]).query == "kind=question&view=all"
    after = SavedView.objects.values().get()
    assert after | {"created_at": None} == before | {"created_at": None}


def test_nobody_brings_back_what_they_made_up_or_what_is_not_theirs(client):
    owner = make_operator()
    save(client, owner, kind="question")
    client.post(f"/views/{SavedView.objects.get().id}/delete/")
    kept = re.search(r'"kept": "([^"]+)"', client.get("/").content.decode())[1]
    assert client.post("/views/restore/", {"kept": "x" + kept}).status_code == 404
    client.force_login(make_operator())
    assert client.post("/views/restore/", {"kept": kept}).status_code == 403
    assert not SavedView.objects.exists()
