"""What the command palette finds: few rows, and nothing that the person may not see."""

import pytest
from django.urls import reverse

from escalations.search import indexing
from operators.models import SavedView
from tests.factories import claim, make_agent, make_case, make_operator, make_queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client):
    operator = make_operator("noor")
    client.force_login(operator)

    def found(words="", group="Cases"):
        indexing.index_pending()
        rows = client.get(reverse("palette"), {"q": words}).json()["found"]
        return [row["label"] for row in rows if row["group"] == group]

    found.operator = operator
    return found


def test_cases_are_found_by_words_of_their_headline(ask):
    make_case(question="Refund the late fee?")
    make_case(question="Refund the ticket?")
    assert ask("fee refund") == ["Refund the late fee?"]


@pytest.mark.parametrize("shape", [str, lambda case_id: str(case_id)[:20], lambda case_id: case_id.hex])
def test_a_case_is_found_by_its_id_or_the_start_of_it(ask, shape):
    case = make_case(question="This one")
    assert "This one" in ask(shape(case.id))


def test_nobody_finds_what_they_may_not_see(ask):
    foreign = make_case(make_agent("other", queue=make_queue("elsewhere")), question="Not for Noor")
    assert ask("Not for") == []
    assert ask(str(foreign.id)) == []


def test_without_words_the_cases_come_that_one_worked_on_last(ask):
    first, second = make_case(question="First"), make_case(question="Second")
    claim(first, ask.operator)
    claim(second, ask.operator)
    make_case(question="Never taken")
    assert ask(group="Recent") == ["Second", "First"]


def test_ones_own_and_shared_views_are_offered(ask):
    kim = make_operator("kim")
    SavedView.objects.create(owner=ask.operator, name="Mine alone", params={"view": "at_risk"})
    SavedView.objects.create(owner=kim, name="For all", is_shared=True)
    SavedView.objects.create(owner=kim, name="Kim's alone")
    assert ask(group="Views") == ["For all", "Mine alone"]
    assert ask("alone", group="Views") == ["Mine alone"]
