"""The next case is rendered before anybody has it, and shown only where its claim was won."""

import re

import pytest

from escalations import transitions
from escalations.models import Availability, Claim, Escalation, Priority, State
from escalations.presence import set_availability
from escalations.transitions import decisions
from operators.case.ahead import HEADER
from tests.factories import REFUND, claim, make_admin, make_case, make_operator

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "side"}


@pytest.fixture
def operator(client):
    person = make_operator()
    client.force_login(person)
    return person


def ahead(client):
    return client.get("/next/ahead/", headers=HTMX)


def decided(client, lease, key):
    """The answer to a decision on the case of `lease`, by a browser that goes on, with a page of that key."""
    fields = {
        "decision": "approve",
        "agent_correct": "yes",
        "failure_primary": "none",
        "disposition": "approve",
        "lease_token": lease.token,
        "action-0-digest": decisions.digest(REFUND["arguments"]),
        "then": "next",
    }
    return client.post(f"/cases/{lease.case_id}/decide/", fields, headers=HTMX | {HEADER: key})


def test_what_is_rendered_ahead_is_claimed_by_nobody(client, operator):
    claim(make_case(), operator)
    following = make_case(question="And then?")
    answer = ahead(client)
    html = answer.content.decode()
    assert "And then?" in html
    assert f'action="/cases/{following.id}/decide/"' in html
    following.refresh_from_db()
    assert (following.state, following.version, following.lease_token) == (State.QUEUED, 1, 0)
    assert Claim.objects.count() == 1


def test_who_has_no_next_case_gets_none(client, operator):
    assert ahead(client).status_code == 204
    make_case()
    assert ahead(client).status_code == 200
    set_availability(operator=operator, availability=Availability.WRAP_UP)
    assert ahead(client).status_code == 204


def test_where_the_claim_was_won_only_that_is_said(client, operator):
    lease, following = claim(make_case(), operator), make_case(question="And then?")
    page = ahead(client)
    answer = decided(client, lease, page.headers[HEADER])

    assert (answer.status_code, answer.headers["HX-Push-Url"]) == (200, f"/cases/{following.id}/")
    assert b"And then?" not in answer.content
    following.refresh_from_db()
    assert (following.state, following.holder) == (State.CLAIMED, operator)
    assert answer.headers[HEADER] == following.lease_expires_at.isoformat()
    [token] = set(re.findall(r'name="lease_token" value="(\d+)"', page.content.decode()))
    assert following.lease_token == int(token)


@pytest.mark.parametrize("happens", ["taken", "came", "changed"])
def test_where_another_claim_was_won_its_page_comes(happens, client, operator):
    lease, following = claim(make_case(), operator), make_case(question="And then?")
    expected = following
    page = ahead(client)
    if happens == "taken":
        expected = make_case(question="The one after?")
        claim(following, make_operator())
    elif happens == "came":
        expected = make_case(question="More urgent?", routing={"priority": "urgent"})
    else:
        transitions.set_priority(case_id=following.id, priority=Priority.URGENT, by=make_admin())
    answer = decided(client, lease, page.headers[HEADER])

    assert HEADER not in answer.headers
    assert expected.headline in answer.content.decode()
    assert Escalation.objects.get(holder=operator).id == expected.id
