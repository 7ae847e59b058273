"""Macros: who may change which, what they fill in, and that nothing unfinished is sent."""

import html
import json
import re
from pathlib import Path

import pytest

from escalations.models import AuditEntry, Resolution, Role
from operators.macros import filling
from operators.models import Macro
from tests.factories import claim, make_case, make_operator

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]


def make_macro(owner=None, name="Late fee", key="", kinds=(), **fields):
    return Macro.objects.create(owner=owner, name=name, key=key, kinds=list(kinds), fields=fields)


def filled(operator, case):
    case.handoff  # noqa: B018 # what a view has at hand
    return {each.macro.name: each for each in filling.fitting(operator, case)}


def test_variables_get_the_values_of_the_case_and_what_is_missing_is_marked():
    operator = make_operator(first_name="Noor", last_name="Haddad")
    case = make_case(context={"facts": {"customer": "Mia {me}"}})
    text = "Dear {customer}, {argument.amount} for {argument.order_id}. {argument.fee} {x: 1} – {me}, {agent}"
    make_macro(message=text, decision="reject")
    found = filled(operator, case)["Late fee"]
    assert found.fields["message"] == (
        "Dear Mia {me}, 912 for W2378156. [argument.fee?] {x: 1} – Noor Haddad, support"
    )
    assert found.missing == ["[argument.fee?]"]
    assert found.choices == ["Deny"]


def test_only_what_can_be_done_with_the_case_is_offered():
    operator = make_operator()
    make_macro(name="For questions", kinds=["question"], message="x")
    make_macro(name="Answers", decision="respond", message="x")
    make_macro(make_operator(), name="Somebody else’s", message="x")
    make_macro(name="For all", message="x")
    assert list(filled(operator, make_case())) == ["For all"]


def test_of_two_macros_with_one_key_the_own_one_has_it():
    operator = make_operator()
    make_macro(name="Shared", key="h", message="x")
    make_macro(operator, name="Own", key="h", message="x")
    assert {name: each.macro.key for name, each in filled(operator, make_case()).items()} == {
        "Own": "h",
        "Shared": "",
    }


def test_a_macro_is_refused_the_key_that_the_person_chose_for_something_else(client):
    client.force_login(make_operator(keymap={"take_next": "h", "save_view": "l"}))
    sent = {"name": "Fee", "key": "h", "message": "x"}
    refused = client.post("/macros/new/", sent)
    assert refused.status_code == 422
    assert "It is your key of “Take the next case”." in refused.content.decode()
    assert (
        client.post("/macros/new/", sent | {"key": "l"}).status_code == 302
    )  # it works on the queue page alone
    assert Macro.objects.get().key == "l"


def test_keys_of_own_macros_are_refused_to_actions_that_work_where_they_do(client):
    operator = make_operator()
    client.force_login(operator)
    make_macro(operator, name="Late fee", key="h", message="x")
    make_macro(name="Shared", key="l", message="x")
    refused = client.post("/preferences/keys/", {"key-take_next": "h"})
    assert refused.status_code == 422
    assert "h is the key of your macro “Late fee”. Choose another key." in refused.content.decode()
    kept = {"key-save_view": "h", "key-take_next": "l"}
    assert client.post("/preferences/keys/", kept).status_code == 302
    operator.refresh_from_db()
    assert operator.keymap == {"save_view": "h", "take_next": "l"}


def test_a_key_that_was_chosen_for_something_else_is_no_macros():
    operator = make_operator(keymap={"take_next": "h"})
    make_macro(operator, key="h", message="x")
    assert filled(operator, make_case())["Late fee"].macro.key == ""


def test_a_mark_that_is_left_is_not_sent(client):
    operator, case = make_operator(), make_case()
    lease = claim(case, operator)
    client.force_login(operator)
    form = {
        "lease_token": lease.token,
        "decision": "approve",
        "agent_correct": "yes",
        "failure_primary": "none",
    }
    answer = client.post(f"/cases/{case.id}/decide/", form | {"message": "Dear [customer?], done."})
    assert answer.status_code == 422
    assert "Fill in [customer?] first." in answer.content.decode()
    assert not Resolution.objects.exists()


def test_a_macro_is_written_and_an_unknown_variable_refused(client):
    operator = make_operator()
    client.force_login(operator)
    wrong = client.post("/macros/new/", {"name": "Fee", "message": "Dear {custumer}"})
    assert wrong.status_code == 422
    assert "There is no variable {custumer}." in wrong.content.decode()
    client.post(
        "/macros/new/", {"name": "Fee", "key": "h", "message": "Dear {customer}", "decision": "reject"}
    )
    macro = Macro.objects.get()
    assert (macro.owner, macro.key, macro.fields) == (
        operator,
        "h",
        {"decision": "reject", "message": "Dear {customer}"},
    )
    again = client.post("/macros/new/", {"name": "Fee", "key": "h", "message": "x"})
    assert "There is a macro of this name already." in again.content.decode()
    assert "It is the key of “Fee” already." in again.content.decode()


def test_a_macro_that_does_nothing_is_refused(client):
    client.force_login(make_operator())
    assert client.post("/macros/new/", {"name": "Nothing"}).status_code == 422


@pytest.mark.parametrize(("role", "status"), [(Role.OPERATOR, 403), (Role.REVIEWER, 302), (Role.ADMIN, 302)])
def test_shared_macros_are_changed_by_reviewers_and_admins(client, role, status):
    macro = make_macro(message="x")
    client.force_login(make_operator(role=role))
    changed = {"name": "New", "message": "y", "is_shared": "on"}
    assert client.post(f"/macros/{macro.pk}/", changed).status_code == status
    assert client.post(f"/macros/{macro.pk}/delete/").status_code == status
    assert Macro.objects.exists() == (status == 403)
    assert AuditEntry.objects.filter(target=f"macro:{macro.pk}").count() == (0 if status == 403 else 2)


def test_operators_cannot_share_and_see_nothing_of_others(client):
    other = make_macro(make_operator(), name="Secret", message="x")
    client.force_login(make_operator())
    client.post("/macros/new/", {"name": "Mine", "message": "x", "is_shared": "on"})
    assert Macro.objects.get(name="Mine").owner is not None
    assert client.get(f"/macros/{other.pk}/").status_code == 404
    assert client.post(f"/macros/{other.pk}/delete/").status_code == 404
    assert "Secret" not in client.get("/macros/").content.decode()


def test_what_is_typed_on_a_case_is_kept_as_a_macro(client):
    operator, case = make_operator(), make_case()
    client.force_login(operator)
    typed = {"decision": "reject", "message": "Not {their} card", "agent_correct": "no", "lease_token": "3"}
    assert (
        "There is no variable {their}."
        in client.post("/macros/keep/", typed | {"macro_name": "Card"}).content.decode()
    )
    answer = client.post("/macros/keep/", typed | {"macro_name": "Card", "message": "Not the payer’s card"})
    assert "“Card” is saved as your own." in answer.content.decode()
    assert filled(operator, case)["Card"].fields == {
        "decision": "reject",
        "message": "Not the payer’s card",
        "agent_correct": "no",
    }


def test_the_preview_shows_the_latest_case_that_the_macro_is_for(client):
    make_case(kind="question", question="An older question")
    make_case(question="Refund {me}?")
    client.force_login(make_operator(username="noor"))
    answer = client.post(
        "/macros/preview/", {"message": "{case.headline} {me} {nonsense}", "kinds": "approval"}
    )
    text = answer.content.decode()
    assert "Refund {me}? noor {nonsense}" in text
    assert "There is no variable {nonsense}." in text


def test_a_hostile_value_stays_text(client):
    hostile = '"><script>alert(1)</script>'
    operator = make_operator()
    case = make_case(context={"facts": {"customer": hostile}})
    make_macro(operator, name=hostile[:40], key="h", message="Dear {customer}")
    client.force_login(operator)
    page = client.get(f"/cases/{case.id}/macros/").content.decode()
    assert "<script>" not in page
    data = html.unescape(re.findall(r'data-fill="([^"]*)"', page)[0])
    assert json.loads(data)["message"] == f"Dear {hostile}"


def test_no_control_of_the_pages_has_the_key_of_a_macro():
    templates = (ROOT / "templates").rglob("*.html")
    used = {key for template in templates for key in re.findall(r'data-key="(\S)"', template.read_text())}
    assert used
    assert not used & set(filling.KEYS)
