"""Nothing on the pages of the desk is read in English whatever the language.

The language here puts brackets around each text that is marked for translation: what stands outside of
them, and is nobody's data, would stay English.
"""

import json
import re

import pytest
from django.urls import reverse
from django.utils import translation

from escalations.models import Availability, Notice, NoticeKind, Role
from tests import unmarked
from tests.factories import claim, decide, make_agent, make_case, make_operator, make_queue

pytestmark = pytest.mark.django_db

_MARKED = re.compile("⟦[^⟦⟧]*⟧")
# Languages are called by their own names, scopes as the API calls them; symbols and digests are those of
# all languages.
_DATA = re.compile(
    r"\b(English|Deutsch|\d+ (ms|s|min|h|d)|n|p50|p90|p95|sha-256[ =][0-9a-f…]+)\b|\((handoffs|checks|runs)\)"
)


@pytest.fixture(autouse=True)
def brackets(monkeypatch):
    """A language of its own, for all four ways to ask for a text."""

    def one_or_many(one, many, number):
        return f"⟦{one if number == 1 else many}⟧"

    spoken = {
        "gettext": lambda text: f"⟦{text}⟧",
        "pgettext": lambda context, text: text if "format" in context else f"⟦{text}⟧",
        "ngettext": one_or_many,
        "npgettext": lambda context, one, many, number: one_or_many(one, many, number),
    }
    for name, speak in spoken.items():
        getattr(translation._trans, name)  # loads them, or the real ones would come over these
        monkeypatch.setattr(translation._trans, name, speak)


@pytest.fixture
def cases(client):
    """A desk on which every name is a number, so that all letters are the product's."""
    person = make_operator("1001", role=Role.ADMIN, queues=[make_queue("41")])
    other = make_operator("1002", queues=[make_queue("41")])
    agent = make_agent("51", queue=make_queue("41"))
    action = {"tool_call_id": "1", "name": "61", "arguments": {"71": 81}}
    made = [make_case(agent, question=f"{at} + 1?", pending_actions=[action]) for at in range(4)]
    claim(made[0], other)
    claim(made[1], person)
    decide(claim(make_case(agent, question="9?"), person))
    for kind in NoticeKind:
        Notice.objects.create(operator=person, case=made[0], kind=kind, text="12")
    client.force_login(person)
    return made


def left(html):
    """What of a page is not in brackets, and has letters."""
    while _MARKED.search(html):
        html = _MARKED.sub("", html)
    return [text for _, text in unmarked.unmarked(_DATA.sub("", html))]


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("queue", {}),
        ("queue", {"view": "all"}),
        ("queue", {"view": "at_risk"}),
        ("queue", {"view": "breached"}),
        ("queue", {"q": "9999"}),
        ("queue", {"kind": "review"}),
        ("me", {}),
        ("notices", {}),
        ("latest_notices", {}),
        ("preferences", {}),
        ("metrics", {}),
        ("metrics", {"period": "24h"}),
        ("metrics", {"period": "custom", "start": "2026-01-02", "end": "2026-01-01"}),
        ("wall", {}),
        ("risk", {}),
        ("failures", {"mode": "cost"}),
        ("costs", {}),
        ("scorecards", {}),
        ("coverage", {}),
        ("replays", {}),
        ("cases", {}),
        ("cases", {"metric": "backlog"}),
        ("cases", {"metric": "pickup"}),
        ("cases", {"metric": "resolution", "state": "resolved"}),
        ("cases", {"metric": "failure", "part": "cost"}),
        ("datasets", {}),
        ("new_dataset", {}),
        ("erasures", {}),
        ("macros", {}),
        ("admin:index", {}),
        ("admin:escalations_agent_add", {}),
        ("policies", {}),
        ("reviews", {}),
        ("gold", {}),
        ("agreement", {}),
        ("pairs", {}),
        ("guidelines", {}),
        ("admin:escalations_apikey_add", {}),
        ("admin:escalations_calendar_changelist", {}),
        ("admin:escalations_queue_changelist", {}),
        ("admin:escalations_queue_add", {}),
        ("admin:escalations_skill_add", {}),
        ("admin:escalations_operator_add", {}),
        ("admin:agents_api_webhookendpoint_changelist", {}),
        ("admin:agents_api_webhookendpoint_add", {}),
    ],
)
def test_every_text_of_a_page_is_marked(client, cases, page, query):
    assert left(client.get(reverse(page), query).content.decode()) == []


@pytest.mark.parametrize("name", ["claim", "assign", "priority", "snooze", "resolve"])
def test_every_text_about_many_cases_is_marked(client, cases, name):
    chosen = {"cases": ",".join(str(case.id) for case in cases)}
    assert left(client.post(reverse("bulk_preview", args=[name]), chosen).content.decode()) == []


@pytest.mark.parametrize("availability", Availability)
def test_what_an_act_is_answered_with_is_marked(client, cases, availability):
    act = {"availability": availability.value, "reason": "12"}
    assert left(client.post(reverse("set_availability"), act, follow=True).content.decode()) == []


def test_every_fault_of_a_form_is_marked(client, cases):
    wrong = {"theme": "none", "timezone": "12", "digest": "daily"}
    keys = {"key-claim": "ctrl+t", "key-undo": "11", "key-search": "?"}
    for page, typed in (("preferences", wrong), ("set_keys", keys), ("save_view", {"name": ""})):
        assert left(client.post(reverse(page), typed).content.decode()) == []


def test_what_the_palette_finds_is_marked(client, cases):
    for row in json.loads(client.get(reverse("palette")).content)["found"]:
        assert left(" ".join(map(str, (row["group"], row["label"], row["hint"])))) == []
