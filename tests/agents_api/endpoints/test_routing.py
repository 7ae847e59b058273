"""Why nobody has a case yet, as its agent may know it."""

import json
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from escalations import routing
from escalations.models import Escalation
from tests.escalations.people.test_capacity import ready
from tests.factories import claim, make_operator

pytestmark = pytest.mark.django_db


def test_an_agent_learns_reasons_and_counts_but_no_names(caller):
    address = caller.opened(routing={"skills": ["fr"]})
    asked = ready(first_name="Noor", skills=["fr"])
    ready(first_name="Kim")
    make_operator(first_name="Ida", skills=["fr"])
    routing.route()

    answer = caller.get(address + "/routing").json()

    assert {one["reason"]: one["count"] for one in answer["people"]} == {
        "offered": 1,
        "lacks_skill": 1,
        "not_connected": 1,
    }
    assert answer["waiting"] is True
    assert answer["ring"] == "exact"
    assert [look["offered"] for look in answer["rings_tried"]] == [1]
    assert answer["triggers"][0]["code"] == "stated"
    assert answer["rank"]["weight"] == 1
    assert not any(name in json.dumps(answer) for name in ("Noor", "Kim", "Ida", asked.username))
    assert answer == caller.get(address + "/routing").json() | {"rank": answer["rank"]}


def test_nobody_there_is_said_and_a_held_case_has_no_search(caller):
    address = caller.opened()
    assert caller.get(address + "/routing").json()["ring"] is None
    claim(address.rsplit("/", 1)[1], make_operator())
    answer = caller.get(address + "/routing").json()
    assert (answer["waiting"], answer["people"]) == (False, [])


def test_each_ring_says_whether_it_was_skipped_and_who_is_there(caller):
    def rings():
        told = caller.get(address + "/routing").json()["rings"]
        return {one["ring"]: (one["turn"], one["there"]) for one in told}

    address = caller.opened(routing={"skills": ["fr"], "preferred_skills": ["vip"]})
    assert set(rings().values()) == {("skipped", 0)}
    full = ready(skills=["fr"], capacity=1)
    claim(caller.opened().rsplit("/", 1)[1], full)
    assert rings() == {
        "exact": ("skipped", 0),
        "required": ("now", 1),
        "overflow": ("later", 1),
        "several": ("later", 1),
    }
    ready(skills=["fr", "vip"])
    assert rings()["exact"] == ("now", 1)
    assert rings()["required"] == ("later", 2)
    Escalation.objects.update(clock_started_at=Now() - timedelta(seconds=90))
    assert rings()["exact"] == ("before", 1)
    claim(address.rsplit("/", 1)[1], make_operator(skills=["fr"]))
    assert rings() == {}


def test_it_is_the_agents_own_case_or_none(caller, stranger):
    assert caller.get(stranger.opened() + "/routing").status_code == 404
