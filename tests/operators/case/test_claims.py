import pytest

from escalations.models import AuditEntry, Availability, Claim, Escalation, How, Presence, State
from tests.factories import claim, lapse, make_case, make_operator
from tests.operators.toasts import told

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def signed_in(client, **fields):
    operator = make_operator(**fields)
    client.force_login(operator)
    return operator


def test_claiming_leads_to_the_case(client):
    operator, case = signed_in(client), make_case()
    answer = client.post(f"/cases/{case.id}/claim/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{case.id}/")
    case.refresh_from_db()
    assert (case.state, case.holder) == (State.CLAIMED, operator)
    assert Claim.objects.get().how == How.PICKED


def test_a_script_is_led_there_too(client):
    signed_in(client)
    case = make_case()
    answer = client.post(f"/cases/{case.id}/claim/", headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, f"/cases/{case.id}/")


def test_claiming_what_one_holds_changes_nothing(client):
    operator, case = signed_in(client), make_case()
    lease = claim(case, operator)
    assert client.post(f"/cases/{case.id}/claim/").status_code == 302
    case.refresh_from_db()
    assert case.lease_token == lease.token


def test_who_comes_second_is_told_who_was_first(client):
    signed_in(client)
    case = make_case()
    claim(case, make_operator(username="noor"))
    answer = client.post(f"/cases/{case.id}/claim/")
    assert told(answer) == ["noor has this case now."]
    look = client.post(f"/cases/{case.id}/claim/", {"peek": "1"}, headers=HTMX)
    assert look.status_code == 409
    assert "noor has this case now." in look.content.decode()


def test_a_case_beyond_ones_skills_is_not_given(client):
    signed_in(client)
    case = make_case(routing={"skills": ["fr"]})
    assert "lack a skill" in told(client.post(f"/cases/{case.id}/claim/"))[0]
    case.refresh_from_db()
    assert case.state == State.QUEUED


def test_next_takes_the_most_urgent_case(client):
    operator = signed_in(client)
    make_case()
    urgent = make_case(routing={"priority": "urgent"})
    answer = client.post("/next/")
    assert answer.headers["Location"] == f"/cases/{urgent.id}/"
    assert Claim.objects.get(operator=operator).how == How.PULLED


def test_next_says_when_all_is_clear(client):
    signed_in(client)
    answer = client.post("/next/")
    assert answer.headers["Location"] == "/"
    assert told(answer) == ["All clear: nothing waits for you."]


def test_next_says_when_there_is_no_room(client):
    operator = signed_in(client, capacity=2)
    for kind, words in (("question", "What waits needs more room: you hold 1 of 2."), ("question", "2 of 2")):
        claim(make_case(kind=kind), operator)
        make_case(kind="takeover")
        assert words in told(client.post("/next/"))[-1]


def test_a_case_can_be_put_back(client):
    operator, case = signed_in(client), make_case()
    lease = claim(case, operator)
    answer = client.post(f"/cases/{case.id}/release/", {"lease_token": lease.token})
    assert answer.headers["Location"] == "/"
    case.refresh_from_db()
    assert (case.state, case.holder) == (State.QUEUED, None)


@pytest.mark.parametrize("token", ["", "0", "x", "-1", "9" * 40, "²"])
def test_a_claim_that_is_not_ones_own_releases_nothing(client, token):
    operator, case = signed_in(client), make_case()
    claim(case, operator)
    answer = client.post(f"/cases/{case.id}/release/", {"lease_token": token})
    assert "Your claim has ended" in told(answer)[0]
    case.refresh_from_db()
    assert case.state == State.CLAIMED


@pytest.mark.parametrize("availability", [Availability.WRAP_UP, Availability.AWAY])
def test_who_asks_for_work_is_available_again(client, availability):
    operator, case = signed_in(client), make_case()
    Presence.objects.filter(operator=operator).update(availability=availability)
    answer = client.post("/next/")
    assert answer.headers["Location"] == f"/cases/{case.id}/"
    assert "You are available now" in told(answer)[0]
    assert Presence.objects.get(operator=operator).availability == "available"
    client.post("/next/")
    assert AuditEntry.objects.filter(action="be_available").count() == 1


def test_a_heartbeat_prolongs_the_claim(client):
    operator, case = signed_in(client), make_case()
    lease = claim(case, operator)
    before = Escalation.objects.get(id=case.id).lease_expires_at
    answer = client.post(f"/cases/{case.id}/heartbeat/", {"lease_token": lease.token})
    case.refresh_from_db()
    assert answer.json() == {
        "lease_expires_at": case.lease_expires_at.isoformat(),
        "left_behind": False,
    }
    assert case.lease_expires_at > before


def test_a_heartbeat_after_the_end_says_that_the_case_waits_also_before_the_sweep(client):
    operator, case = signed_in(client), make_case()
    lease = claim(case, operator)
    lapse(case)
    answer = client.post(f"/cases/{case.id}/heartbeat/", {"lease_token": lease.token})
    assert answer.json()["detail"] == "Your claim has ended. The case is queued now."


def test_a_heartbeat_after_the_end_says_who_has_the_case(client):
    operator, case = signed_in(client), make_case()
    lease = claim(case, operator)
    lapse(case)
    claim(case, make_operator(username="noor"))
    answer = client.post(f"/cases/{case.id}/heartbeat/", {"lease_token": lease.token})
    assert answer.status_code == 409
    detail = "Your claim has ended. noor has this case now."
    assert answer.json() == {"detail": detail, "holder": "noor", "state": "claimed"}
