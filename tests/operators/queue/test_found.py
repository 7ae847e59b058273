"""The search on the queue page: what is found, and where its words stand."""

import re

import pytest

from escalations import sweeps, transitions
from escalations.search import indexing
from operators.queue.found import mark
from operators.queue.queue_view import QueueView
from tests.factories import make_case, make_operator, make_resolved
from tests.operators.queue.test_queue_page import page
from tests.operators.queue.test_saved_views import pills, save
from tests.statements import statements

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def first_pass(db):
    indexing.index_pending()


def titles(html):
    """The headlines, with what is marked in them."""
    return re.findall(r'<a class="title"[^>]*>(.*?)</a>', html)


def snippets(html):
    return re.findall(r'<span class="snippet clip">(.*?)</span>', html)


def test_open_cases_are_found_and_the_newest_shown_first(client):
    make_case(question="Refund one?")
    make_case(question="Refund two?", routing={"priority": "low"})
    make_resolved(question="Refund three?")
    make_case(question="Something else?")
    sweeps.sweep_words()
    operator = make_operator()
    html = page(client, operator, "?view=waiting&q=refund")
    assert titles(html) == ["<mark>Refund</mark> two?", "<mark>Refund</mark> one?"]
    assert "Search all cases" in html
    html = page(client, operator, "?q=refund&scope=all")
    assert titles(html)[0] == "<mark>Refund</mark> three?"
    assert len(titles(html)) == 3


def test_a_search_goes_with_every_filter(client):
    make_case(question="Refund one?", kind="question")
    transitions.claim(case_id=make_case(question="Refund two?").id, operator=make_operator())
    sweeps.sweep_words()
    operator = make_operator()
    assert titles(page(client, operator, "?q=refund&kind=question")) == ["<mark>Refund</mark> one?"]
    assert titles(page(client, operator, "?q=refund&state=held")) == ["<mark>Refund</mark> two?"]
    assert titles(page(client, operator, "?q=refund&due=breached")) == []


def test_what_stands_only_in_the_text_is_shown_in_a_snippet(client):
    text = "word " * 30 + "then the <b>kayak</b> sank"
    make_case(question="Help?", messages=[{"role": "user", "content": text}])
    case = make_case(question="And here?")
    turn = {"role": "user", "content": "My kayaks, too"}
    transitions.add_message(case_id=case.id, messages=[turn], actor="agent:support")
    sweeps.sweep_words()
    html = page(client, make_operator(), "?q=kayak")
    assert titles(html) == ["And here?", "Help?"]
    later, first = snippets(html)
    assert "My <mark>kayaks</mark>, too" in later
    assert first.startswith("…")
    assert "&lt;b&gt;<mark>kayak</mark>&lt;/b&gt; sank" in first


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("a <b> refund", ["refund"], "a &lt;b&gt; <mark>refund</mark>"),
        ("Refunded, unrefunded", ["refund"], "<mark>Refunded</mark>, unrefunded"),
        ("one & two", ["two", "one"], "<mark>one</mark> &amp; <mark>two</mark>"),
        ("a.b (c)", ["(c)"], "a.b (<mark>c</mark>)"),
    ],
)
def test_matches_are_marked_and_everything_is_escaped(text, words, shown):
    assert mark(text, words) == shown


def test_nothing_found_says_what_to_try(client):
    html = page(client, make_operator(), "?q=%3Cscript%3E")
    assert "Nothing found for “&lt;script&gt;”" in html
    assert "Closed ones were not searched" in html
    assert "scope=all" in html
    assert "Closed ones were not" not in page(client, make_operator(), "?q=nothing&scope=all")


def test_a_saved_search_counts_what_it_finds(client):
    make_case(question="Refund one?")
    make_case(question="Something")
    sweeps.sweep_words()
    operator = make_operator()
    save(client, operator, q="refund")
    assert pills(page(client, operator))["Refunds"] == "1"


def test_letters_of_a_search_are_no_steps_to_go_back_by(client):
    client.force_login(make_operator())

    def headers(before):
        answer = client.get(
            "/?q=refund&kind=question",
            headers={
                "HX-Request": "true",
                "HX-Target": "queue-list",
                "HX-Current-URL": f"http://x/?{before}",
            },
        )
        return {name: answer.headers[name] for name in answer.headers if name.startswith("HX")}

    address = "?view=all&kind=question&q=refund"
    assert headers("view=all&kind=question&q=refun") == {"HX-Replace-Url": address}
    assert headers("view=all&kind=question") == {"HX-Push-Url": address}
    assert headers("q=refund") == {"HX-Push-Url": address}
    assert headers("view=all&kind=question&q=refund") == {}


def test_a_search_is_part_of_the_view():
    operator = make_operator()
    views = [{"q": "refund"}, {"q": "refunds"}, {"q": "refund", "scope": "all"}, {"scope": "all"}, {}]
    keys = [QueueView.for_operator(operator, params).key for params in views]
    assert len(set(keys)) == 4
    assert keys[3] == keys[4]


@pytest.mark.parametrize("size", [30, 90])
def test_a_search_costs_one_statement_more_however_much_it_finds(client, size):
    client.force_login(make_operator())
    client.get("/")
    for number in range(size):
        make_case(question="Help?", idempotency_key=str(number))
    sweeps.sweep_words()
    # As without a search, and the texts of those rows whose headline has not all words.
    for words, expected in (("help", 5), ("money", 6)):
        with statements() as sent:
            html = client.get(f"/?q={words}").content.decode()
        assert len(titles(html)) == min(size, 50)
        assert ("snippet clip" in html) == (words == "money")
        assert sent.number == expected
