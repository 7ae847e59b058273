import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from escalations import transitions
from escalations.models import Escalation, Role
from escalations.models.cases import INFEASIBLE
from operators.queue.queue_view import QueueView
from operators.queue.tallies import COUNTED, Count
from operators.queue.views.queue import render_list
from tests.factories import claim, lapse, make_admin, make_agent, make_case, make_operator, make_queue
from tests.statements import statements

pytestmark = pytest.mark.django_db


def headlines(html):
    return re.findall(r'<a class="title"[^>]*>([^<]*)</a>', html)


def page(client, operator, query=""):
    client.force_login(operator)
    return client.get(f"/{query}").content.decode()


def in_the_past(case, **times):
    Escalation.objects.filter(id=case.id).update(
        **{name: timezone.now() - timedelta(seconds=seconds) for name, seconds in times.items()}
    )


def test_the_first_view_is_what_a_person_may_take_in_the_order_of_work(client):
    operator = make_operator(skills=["fr"])
    make_case(question="normal")
    make_case(question="urgent", routing={"priority": "urgent"})
    make_case(question="french", routing={"skills": ["fr"]})
    make_case(question="german", routing={"skills": ["de"]})
    claim(make_case(question="taken"), make_operator())
    make_case(make_agent("other", queue=make_queue("billing")), question="elsewhere")
    assert headlines(page(client, operator)) == ["urgent", "normal", "french"]


def test_a_queue_shows_what_is_held_and_by_whom(client):
    claim(make_case(question="taken"), make_operator(first_name="Noor", last_name="Haddad"))
    html = page(client, make_operator(), "?queue=support")
    assert headlines(html) == ["taken"]
    assert ">held by Noor<" in html


def test_a_dead_claim_holds_nothing(client):
    case = make_case(question="lost")
    claim(case, make_operator(username="frozen"))
    lapse(case)
    html = page(client, make_operator())
    assert headlines(html) == ["lost"]
    assert "frozen" not in html


def test_mine_are_the_cases_i_hold(client):
    operator = make_operator()
    claim(make_case(question="mine"), operator)
    claim(make_case(question="theirs"), make_operator())
    html = page(client, operator, "?view=mine")
    assert headlines(html) == ["mine"]
    assert "Mine <b>1</b>" in html


def test_at_risk_and_breached_are_told_apart(client):
    risky = make_case(question="risky")
    in_the_past(risky, clock_started_at=1000, due_at=-100)
    in_the_past(make_case(question="late"), received_at=1000, due_at=1)
    make_case(question="early")
    operator = make_operator()
    assert headlines(page(client, operator, "?view=at_risk")) == ["risky"]
    html = page(client, operator, "?view=breached")
    assert headlines(html) == ["late"]
    assert "At risk <b>1</b>" in html
    assert "Breached <b>1</b>" in html


def test_a_case_that_nobody_takes_is_late_for_its_pickup_long_before_it_is_due(client):
    case = make_case(question="fresh")
    operator = make_operator()
    html = page(client, operator)
    assert "pickup <time" in html
    assert "Breached <b>0</b>" in html
    in_the_past(case, pickup_due_at=60)
    html = page(client, operator, "?view=breached")
    assert re.search(r'pickup <time [^>]*class="bad">−1:0\d<', html)
    assert "Breached <b>1</b>" in html

    claim(case, make_operator())
    html = page(client, operator, "?queue=support")
    assert "pickup" not in html
    assert "Breached <b>0</b>" in html


def test_an_answer_that_is_owed_too_long_makes_a_case_late(client):
    case = make_case(question="talk")
    claim(case, make_operator())
    in_the_past(case, response_due_at=5)
    html = page(client, make_operator(), "?view=breached")
    assert headlines(html) == ["talk"]
    assert "answer <time" in html


def test_a_row_that_somebody_holds_still_shows_when_it_is_due(client):
    claim(make_case(), make_operator(first_name="Noor", last_name="Haddad"))
    html = page(client, make_operator(), "?queue=support")
    row = html.partition('<span class="more">')[2].partition("</li>")[0]
    more, _, due = row.partition('<span class="due clip">')
    assert ">held by Noor<" in more
    assert due.startswith("<time")


def test_a_row_says_why_it_stands_where_it_does(client):
    case = make_case(question="old", routing={"priority": "low"})
    operator = make_operator()
    assert "moved up" not in page(client, operator)
    Escalation.objects.filter(id=case.id).update(rank=1)
    assert "moved up: has waited" in page(client, operator)
    Escalation.objects.filter(id=case.id).update(rank=1 + INFEASIBLE)
    html = page(client, operator)
    assert "placed last: expires too soon" in html
    assert "moved up" not in html


def test_an_operator_sees_only_the_queues_they_belong_to(client):
    make_case(make_agent("other", queue=make_queue("billing")), question="secret")
    make_case(question="open")
    operator = make_operator()
    for query in ("?view=all", "?queue=billing", "?view=breached", "?view=at_risk"):
        html = page(client, operator, query)
        assert "secret" not in html
        assert "Billing" not in re.sub(r'<div class="empty">.*?</div>', "", html, flags=re.S)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.REVIEWER])
def test_who_belongs_to_no_queue_but_may_see_all_starts_with_everything(client, role):
    make_case(make_agent("other", queue=make_queue("billing")), question="there")
    assert headlines(page(client, make_operator(queues=[], role=role))) == ["there"]


def test_more_rows_are_shown_when_asked_for(client):
    for number in range(52):
        make_case(question=f"case {number}")
    operator = make_operator()
    first = page(client, operator)
    assert len(headlines(first)) == 50
    assert "show=100" in first
    more = page(client, operator, "?view=waiting&show=100")
    assert len(headlines(more)) == 52
    assert "Show more" not in more


@pytest.mark.parametrize("query", ["?view=all&state=queued", "?view=breached"])
def test_behind_the_longest_page_the_list_goes_on(client, monkeypatch, query):
    monkeypatch.setattr("operators.queue.queue_view._PAGE", 2)
    monkeypatch.setattr("operators.queue.queue_view._MOST", 4)
    for number in range(7):
        in_the_past(make_case(question=f"case {number}"), due_at=900 - number)
    operator = make_admin()
    seen, address = [], f"{query}&show=4"
    for _ in range(2):
        shown = page(client, operator, address)
        seen += headlines(shown)
        further = re.search(r'href="/(\?[^"#]*)#case-[^"]*" data-key="m"', shown)
        address = unescape(further[1]) if further else ""
    assert seen == [f"case {number}" for number in range(7)]
    assert not address
    live = re.search(r'data-live-url="[^"]*after=', shown)
    assert live, "what is kept true is the same page"
    assert "From the front" in shown


def test_where_nothing_stands_behind_a_case_the_page_says_so(client):
    last = make_case(question="last")
    shown = page(client, make_admin(), f"?view=all&after={last.pk}")
    assert "Nothing stands behind this" in shown
    assert "last" in page(client, make_admin(), "?view=all&after=nonsense")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "All clear"),
        ("?view=mine", "You hold no case"),
        ("?queue=support", "Nothing waits in Support"),
        ("?view=at_risk", "Nothing is at risk"),
        ("?view=breached", "Nothing is past due"),
        ("?view=all", "All clear"),
        ("?view=nonsense&show=-5", "All clear"),
    ],
)
def test_an_empty_queue_says_what_it_means(client, query, words):
    assert words in page(client, make_operator(), query)


def test_who_is_in_no_queue_is_told_so(client):
    assert "You are in no queue yet" in page(client, make_operator(queues=[]))


def test_a_script_gets_only_the_live_parts(client):
    make_case()
    client.force_login(make_operator())
    html = client.get("/?view=waiting", headers={"HX-Request": "true"}).content.decode()
    assert [*re.findall(r'^<\w+ [^>]*id="([\w-]+)"', html, flags=re.M)] == [
        "pulse",
        "queue-views",
        "queue-list",
    ]


def test_the_live_parts_are_the_same_for_equal_rights_and_hold_nothing_personal(client):
    queue = make_queue()
    first = make_operator(username="anna-private", skills=["fr", "en"])
    second = make_operator(skills=["en", "fr"])
    make_case()
    views = [QueueView.for_operator(operator, {"view": "waiting"}) for operator in (first, second)]
    assert views[0].key == views[1].key
    html = render_list(views[0])
    assert "anna-private" not in html
    assert "csrf" not in html
    assert headlines(html) == headlines(page(client, second))
    assert queue.name in html


@pytest.mark.parametrize(
    ("other", "params"),
    [
        ({"skills": ["de"]}, {}),
        ({"queues": []}, {}),
        ({"role": Role.ADMIN}, {}),
        ({}, {"view": "mine"}),
        ({}, {"show": "100"}),
        ({}, {"after": "018f2d3c-0000-7000-8000-000000000000"}),
        ({}, {"queue": "support"}),
        ({}, {"view": "strip", "case": "x"}),
    ],
)
def test_a_view_that_differs_has_another_key(other, params):
    base = {"skills": ["fr"]}
    keys = {
        QueueView.for_operator(make_operator(**base), {}).key,
        QueueView.for_operator(make_operator(**base | other), params).key,
    }
    assert len(keys) == 2


def test_the_strip_shows_mine_first_and_marks_the_case():
    operator = make_operator()
    make_case(question="next")
    case = make_case(question="mine", routing={"priority": "low"})
    claim(case, operator)
    html = render_list(QueueView.for_operator(operator, {"view": "strip", "case": str(case.id)}))
    assert headlines(html) == ["mine", "next"]
    assert html.count('aria-current="true"') == 1


def test_counts_stop_at_a_bound():
    assert [str(Count(number)) for number in (0, COUNTED, COUNTED + 1)] == ["0", "200", "200+"]


@pytest.mark.parametrize(
    "query", ["", "?view=all&kind=approval", "?view=mine", "?queue=support&due=breached"]
)
def test_the_page_costs_three_statements_however_many_rows_it_has(client, query):
    operator = make_operator()
    client.force_login(operator)
    client.get("/")  # the first request of a session saves it
    for size in (30, 270):
        for number in range(size):
            case = make_case(question=f"case {number}", idempotency_key=f"{size}-{number}")
            if number % 3 == 0:
                transitions.claim(case_id=case.id, operator=operator)
        with statements() as sent:
            assert client.get(f"/{query}").status_code == 200
        # Session and person; then their rights, views and desk, the counts, the rows.
        assert sent.number == 5


def test_an_admin_of_no_queue_may_still_pick_any_case(client):
    case = make_case()
    admin = make_admin(queues=[])
    client.force_login(admin)
    client.post(f"/cases/{case.id}/claim/")
    case.refresh_from_db()
    assert case.holder == admin
