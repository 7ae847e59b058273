"""The pages of reviews: what they show, and above all what they do not."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from escalations import transitions
from escalations.models import GoldItem, Review, ReviewState, RevisionKind, Role
from escalations.reviews import gold, line
from escalations.reviews.rates import Rates, rates, set_rates
from escalations.transitions.erase import erase_case
from operators.models import LabelsDraft, ReviewDraft
from tests.escalations.reviews.audits import RIGHT, WRONG, drawn, labels, make_audit, review_next
from tests.factories import make_admin, make_agent, make_operator, make_queue

pytestmark = pytest.mark.django_db
SAID = {"agent_correct": "no", "failure_primary": "integration", "first_error_index": "1"}
CASE = {
    "question": "Was the fare quoted right?",
    "confidence": 0.87,
    "suggestions": [{"content": "Your fare is $120.", "confidence": 0.87}],
    "metadata": {"shop": "north"},
}


@pytest.fixture
def desk(client):
    """Noor, who labelled an audit; Kim at the browser; Lee, who may settle."""
    set_rates(Rates(right=0, ordinary=0, gold=0), make_admin())
    agent = make_agent(rules={"confidence": {"*": 0.9}})
    noor, kim, lee = (make_operator(name, role=Role.REVIEWER) for name in ("noor", "kim", "lee"))
    case = CASE | {"kind": "review", "steps": [{"name": "search"}, {"name": "quote"}], "agent": agent}
    drawn(make_audit(noor, case=case, **WRONG, note="The fare was read from a page."))
    client.force_login(kim)
    return noor, kim, lee


def text(answer):
    assert answer.status_code in (200, 409, 422), answer.status_code
    content = answer.content.decode()
    main = re.search(r"<main.*</main>", content, re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def take(client, state="waiting"):
    answer = client.post(reverse("next_review"), {"state": state})
    return answer.url


def test_who_looks_a_second_time_sees_the_case_and_nothing_of_what_was_said(client, desk):
    shown = text(client.get(take(client)))
    assert "Was the fare quoted right?" in shown
    assert "Your fare is $120." in shown
    for hidden in ("0.87", "0,87", "noor", "page.", "Confidence", "suggested"):
        assert hidden not in shown
    content = client.get(reverse("review", args=[Review.objects.get().id])).content.decode()
    assert not re.search(r'name="(agent_correct|failure_primary)"[^>]* checked', content)
    waiting = text(client.get(reverse("reviews")))
    assert "Was the fare quoted right?" not in waiting


FAILED = {"passed": False, "errors": ["no price"]}
RUN = [
    {"name": "search", "message_index": 0},
    {"name": "quote", "message_index": 1, "checkpoint": FAILED},
    {"name": "book", "message_index": 1, "checkpoint": {"passed": True}},
]


def test_nobody_who_looks_a_second_time_is_led_to_the_first_error(client, desk):
    noor, *_ = desk
    Review.objects.all().delete()
    messages = [{"role": "user", "content": "Book it."}, {"role": "assistant", "content": "For $0."}]
    action = {"tool_call_id": "c1", "name": "book", "arguments": {}}
    case = CASE | {"kind": "approval", "reason": "low_confidence", "pending_actions": [action]}
    case |= {
        "steps": RUN,
        "messages": messages,
        "agent": make_agent("fares", rules={"confidence": {"*": 0.9}}),
    }
    set_rates(Rates(right=0, ordinary=1, gold=0), make_admin("ada"))
    drawn(make_audit(noor, case=case, **WRONG))
    shown = text(client.get(take(client)))
    assert "checkpoint failed" in shown
    assert "checkpoint passed" in shown
    assert "no price" in shown
    for hidden in ("first error", "first of the chain", "built on", "confidence"):
        assert hidden not in shown
    # On the page of the case, which is no second look, all of that is told.
    told = text(client.get(f"/cases/{Review.objects.get().resolution.case_id}/"))
    for word in ("first error", "first of the chain", "built on step 2", "Low confidence"):
        assert word in told


def test_two_looks_that_differ_are_settled_side_by_side(client, desk):
    *_, lee = desk
    url = take(client)
    answer = client.post(f"{url}submit/", {"agent_correct": "no", "failure_primary": ""})
    assert answer.status_code == 422
    assert [client.get(f"{url}{step}/").url for step in ("submit", "settle")] == [url, url]
    said = SAID | {
        "failure_primary": "other",
        "first_error_index": "0",
        "note": "Look here.",
    }
    client.post(f"{url}submit/", said)
    review = Review.objects.get()
    assert (review.state, review.blind.disposition, review.blind.note) == (
        ReviewState.DIFFERS,
        "replace",
        "Look here.",
    )
    client.force_login(lee)
    assert take(client, "differs") == url
    shown = text(client.get(url))
    assert "Integration" in shown
    assert "1 search" in shown
    for hidden in ("noor", "kim"):
        assert hidden not in shown
    form = {"seen": review.compared_id, "pick-failure_primary": "second", "note": "Both."}
    assert "Choose one." in text(client.post(f"{url}settle/", form))
    form |= {"pick-first_error_index": "other", "other-first_error_index": "none"}
    answer = client.post(f"{url}settle/", form)
    assert answer.status_code == 302, text(answer)
    resolution = review.resolution
    resolution.refresh_from_db()
    assert (resolution.failure_primary, resolution.first_error_index) == ("other", None)
    assert (resolution.agent_correct, resolution.note, resolution.quality) == ("no", "Both.", "adjudicated")
    done = text(client.get(url))
    assert all(word in done for word in ("noor", "kim", "lee, settled", "The fare was read from a page."))


def test_labels_that_came_into_force_meanwhile_are_shown_before_anything_is_settled(client, desk):
    _, kim, lee = desk
    review = review_next(kim, agent_correct="partial")
    client.force_login(lee)
    url = take(client, "differs")
    seen = line.in_force(review.resolution)
    gold.mark(in_force=seen, operator=make_admin(), labels=line.labels_of(seen, agent_correct="unsure"))
    answer = client.post(f"{url}settle/", {"seen": seen.pk, "pick-agent_correct": "second"})
    assert answer.status_code == 409
    assert "Somebody else changed these labels meanwhile." in text(answer)
    assert "Unsure" in text(answer)


def test_what_is_typed_comes_back_until_it_is_given(client, desk):
    *_, lee = desk
    url = take(client)
    typed = {"agent_correct": "partial", "step-1": "bad", "must": "Ask first.", "training_allowed": "on"}
    assert client.post(f"{url}draft/", typed).status_code == 204
    again = Client()
    again.force_login(desk[1])
    shown = again.get(url).content.decode()
    assert re.search(r'name="agent_correct" value="partial"[^>]* checked', shown)
    assert re.search(r'name="step-1" value="bad"[^>]* checked', shown)
    assert "Ask first." in shown
    # What is refused is kept as well.
    assert client.post(f"{url}submit/", typed | {"must": "Ask twice."}).status_code == 422
    assert "Ask twice." in text(client.get(url))
    client.post(f"{url}submit/", SAID | {"first_error_index": "0"})
    assert not ReviewDraft.objects.exists()
    assert client.post(f"{url}draft/", typed).status_code == 409

    client.force_login(lee)
    url, review = take(client, "differs"), Review.objects.get()
    sides = {"seen": review.compared_id, "pick-first_error_index": "second", "note": "See the page."}
    client.post(f"{url}draft/", sides)
    shown = client.get(url).content.decode()
    assert re.search(r'name="pick-first_error_index" value="second"[^>]* checked', shown)
    assert "See the page." in shown
    # Sides of labels that count no more are not chosen.
    ReviewDraft.objects.update(fields={name: [str(value)] for name, value in sides.items()} | {"seen": ["1"]})
    assert "See the page." not in client.get(url).content.decode()


def test_an_operator_marked_so_gets_the_reviews_of_the_cases_they_may_see(client, desk):
    noor, *_ = desk
    elsewhere = make_queue("elsewhere")
    able = make_operator("able", queues=[elsewhere], can_review=True)
    gold.mark(
        in_force=line.in_force(make_audit(noor, **RIGHT)), operator=make_admin(), labels=labels(**RIGHT)
    )
    set_rates(Rates(right=0, ordinary=0, gold=1), make_admin())
    client.force_login(able)
    assert line.left_for(able, ReviewState.WAITING) == 0
    assert take(client) == reverse("reviews")
    agent = make_agent("billing", queue=elsewhere)
    theirs = drawn(make_audit(make_admin("ada"), case=CASE | {"kind": "review", "agent": agent}, **WRONG))
    assert line.left_for(able, ReviewState.WAITING) == 1
    assert take(client) == reverse("review", args=[theirs.id])
    client.post(f"{reverse('review', args=[theirs.id])}submit/", SAID | {"first_error_index": ""})
    other = review_next(desk[1])
    shown = text(client.get(reverse("reviews")))
    assert "Settle the next one" not in shown
    assert shown.count("Was the fare quoted right?") == 1
    assert client.get(reverse("review", args=[theirs.id])).status_code == 200
    assert client.get(reverse("review", args=[other.id])).url == reverse("reviews")


def test_who_lost_a_review_is_told_so(client, desk):
    url = take(client)
    Review.objects.update(holder=None, lease_expires_at=None)
    answer = client.post(f"{url}submit/", SAID, follow=True)
    assert "You do not have this review any more." in answer.content.decode()
    assert client.get(url, follow=True).redirect_chain[-1][0] == reverse("reviews")


def test_a_form_that_is_wrong_shows_nothing_to_who_does_not_have_the_review(client, desk):
    _, kim, lee = desk
    url = take(client)
    client.force_login(make_operator("able", queues=[make_queue("elsewhere")], can_review=True))
    assert client.post(f"{url}submit/", {}).url == reverse("reviews")
    client.force_login(kim)
    client.post(f"{url}submit/", SAID | {"failure_primary": "other"})
    client.force_login(lee)
    assert client.post(f"{url}settle/", {}).url == reverse("reviews")
    take(client, "differs")
    assert client.post(f"{url}settle/", {}).status_code == 422


def test_gold_is_marked_by_admins_met_unseen_and_retired(client, desk):
    noor, kim, _ = desk
    known = make_audit(noor, **RIGHT)
    admin = make_admin()
    client.force_login(admin)
    page = client.get(reverse("make_gold", args=[known.id]))
    seen = re.search(r'name="revision" value="([^"]+)"', page.content.decode())[1]
    fixed = {"revision": seen, "agent_correct": "yes", "failure_primary": "none", "training_allowed": "on"}
    assert client.post(reverse("make_gold", args=[known.id]), fixed).url == reverse("gold")
    item = GoldItem.objects.get()
    assert (item.revision.agent_correct, item.created_by) == ("yes", admin)
    set_rates(Rates(right=0, ordinary=0, gold=1), admin)
    client.force_login(kim)
    url = take(client)
    met = Review.objects.get(holder=kim)
    assert met.gold == item
    assert "old" not in text(client.get(url)).replace("hold", "").replace("Fold", "").replace("told", "")
    client.post(f"{url}submit/", SAID | {"first_error_index": ""})
    met.refresh_from_db()
    assert met.state == ReviewState.MISSED
    assert client.get(url).status_code == 302
    client.force_login(admin)
    # Who said what of it, and what of that is known otherwise.
    page = client.get(reverse("gold"))
    assert "kim 1 0 of 1" in text(page)
    links = re.findall(r'href="(/reviews/gold/met/[^"]*)"', page.content.decode())
    assert len(links) == 4
    for link in links:
        shown = text(client.get(link.replace("&amp;", "&")))
        assert ("known: Yes , said: No" in shown, "kim Missed" in shown) == (("only=right" not in link),) * 2
    Review.objects.filter(pk=met.pk).update(submitted_at=met.submitted_at - timedelta(days=91))
    assert "kim Missed" not in text(client.get(reverse("met_gold"), {"person": kim.pk}))
    assert "kim Missed" in text(client.get(reverse("met_gold"), {"item": item.pk, "only": "missed"}))
    client.post(reverse("retire_gold", args=[item.pk]))
    item.refresh_from_db()
    assert item.retired_at

    case_page = f"/cases/{known.case_id}/"
    actions = ("Open as a gold item", "Correct the labels", "Why reopen it?")
    assert [words for words in actions if words not in text(client.get(case_page))] == []
    erase_case(case_id=known.case_id, actor="test")
    assert [words for words in actions if words in text(client.get(case_page))] == []
    assert client.get(f"{case_page}labels/").status_code == 404
    client.post(f"{case_page}reopen/", {"reason": "Look again."})
    known.refresh_from_db()
    assert known.superseded_at is None
    url = reverse("make_gold", args=[known.id])
    assert client.get(url).status_code == 404
    assert url not in client.get(reverse("gold")).content.decode()


def test_gold_that_is_being_typed_comes_back_and_takes_the_place_of_nothing_unseen(client, desk):
    noor, *_ = desk
    known, admin = make_audit(noor, **RIGHT), make_admin()
    url = reverse("make_gold", args=[known.id])
    client.force_login(admin)
    first = line.in_force(known)
    typed = {"revision": first.pk, "agent_correct": "yes", "failure_primary": "none", "note": "Half a"}
    assert client.post(f"{url}draft/", typed).status_code == 204
    shown = client.get(url).content.decode()
    assert ("You had begun" in shown, "Half a</textarea>" in shown) == (True, True)
    assert 'name="training_allowed"> ' in shown  # it was not ticked
    transitions.revise(
        revision=first,
        operator=noor,
        kind=RevisionKind.CORRECTION,
        labels=line.labels_of(first, note="Theirs"),
    )
    typed["revision"] = re.search(r'name="revision" value="([^"]+)"', client.get(url).content.decode())[1]
    answer = client.post(url, typed)
    assert (answer.status_code, GoldItem.objects.count()) == (409, 0)
    assert "somebody else changed these labels" in text(answer)
    again = client.get(url).content.decode()
    assert "Half a</textarea>" in again
    typed["revision"] = re.search(r'name="revision" value="([^"]+)"', again)[1]
    assert client.post(url, typed).url == reverse("gold")
    assert GoldItem.objects.get().revision.note == "Half a"
    assert not LabelsDraft.objects.exists()
    assert client.post(f"{url}draft/", typed).status_code == 409


def test_admins_set_how_much_is_looked_at_again(client, desk):
    client.force_login(make_admin())
    assert client.post(reverse("review_rates"), {"right": "200"}).status_code == 422
    client.post(reverse("review_rates"), {"right": "25", "ordinary": "1", "gold": "5"})
    assert rates() == Rates(right=0.25, ordinary=0.01, gold=0.05)


def test_agreement_leads_from_each_figure_to_its_pairs(client, desk):
    noor, kim, _ = desk
    for at in range(11):
        drawn(make_audit(noor, **WRONG, escalation_needed=at % 3 == 0))
    for at in range(12):
        needed = None if at == 0 else (at - 1) % 3 == 0
        review_next(kim, agent_correct="partial" if at < 3 else "no", escalation_needed=needed)
    shown = text(client.get(reverse("agreement"), {"field": "agent_correct"}))
    assert "Was the agent right? 12 75% 47% to 91%" in shown
    assert "kim 12 75%" in shown
    answer = client.get(reverse("agreement"))
    person = re.search(r'href="([^"]+person=\d+)">kim', answer.content.decode())[1].replace("&amp;", "&")
    # Three are to be settled yet: who said what in them is not told.
    pairs = text(client.get(person))
    assert (pairs.count("No Partly"), pairs.count("noor")) == (3, 9)
    assert text(client.get(f"{person}&only=differing")).count("Partly") == 3
    assert "No second looks in this time" not in text(client.get(reverse("agreement"), {"weeks": "nonsense"}))
    # Samples of pairs that are all the same agree, too, but for the last digit of a float.
    alternate = Review.objects.order_by("submitted_at").values_list("pk", flat=True)[::2]
    Review.objects.filter(pk__in=alternate).update(probability=0.3)
    assert re.search(
        r"Was a person needed\? 11 100% \d+% to 100% 1\.00 1\.00 Was", text(client.get(reverse("agreement")))
    )


def test_the_pages_ask_no_more_of_the_database_for_much_than_for_little(
    client, desk, django_assert_max_num_queries
):
    review_next(desk[1])
    for url in (reverse("reviews"), reverse("agreement"), reverse("pairs")):
        with django_assert_max_num_queries(30) as few:
            client.get(url)
        for _ in range(3):
            drawn(make_audit(make_operator(), **WRONG))
            review_next(make_operator(role=Role.REVIEWER))
        with django_assert_max_num_queries(len(few)):
            client.get(url)
