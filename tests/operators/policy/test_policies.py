"""Policies in the browser: what a person writes becomes a new number, over nobody else's unseen."""

import json
import re

import pytest
from django.urls import reverse

from escalations.models import AgentVersion, AuditEntry, Policy, Resolution
from escalations.numbered import Outdated
from escalations.policy import policy_history, rules
from operators.policy.forms import policy_values
from tests.factories import claim, decide, make_admin, make_agent, make_case, make_operator
from tests.statements import statements
from tests.threads import at_once

pytestmark = pytest.mark.django_db

RULES = {
    "confidence": {"*": 0.5, "refund": 0.7},
    "never": ["legal"],
    "turns": 20,
    "context_tokens": 40_000,
    "cost_usd": 2.5,
    "seconds": 90.5,
    "retries": 0,
    "tool_failures": 3,
    "approve_tools": [
        "transfer",
        {
            "name": "refund",
            "when": [
                {"argument": "amount", "op": ">=", "value": 100},
                {"argument": "country", "op": "in", "value": ["US", 1, True, "a, b"]},
                {"argument": "note", "op": "contains", "value": "100"},
            ],
        },
    ],
    "phrases": ["lawyer", "my solicitor"],
    "asks_for_person": True,
    "checkpoints": ["*"],
    "audit_rate": 0.025,
}


@pytest.fixture
def boss(client):
    operator = make_admin("boss")
    client.force_login(operator)
    return operator


@pytest.fixture
def agent():
    return make_agent(rules=RULES)


def fields_of(page):
    """What the browser would send of the form on a page."""
    form = page.context["form"]
    fields = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    fields = {name: value for name, value in fields.items() if value is not False}
    fields |= {"confidence-category": [row.category for row in form.thresholds]}
    fields |= {"confidence-threshold": [row.threshold for row in form.thresholds]}
    parts = []
    for tool in form.tools:
        parts += ["tool", tool.name]
        for one in tool.conditions:
            parts += ["when", one.argument, one.op, one.value]
    return fields | {"tool-part": parts, "note": "Because"}


def address(agent, version=None):
    query = f"?version={version.pk}" if version else ""
    return reverse("policy", args=[agent.pk]) + query


def test_all_rules_are_shown_and_saved_again_as_they_were(boss, agent, client):
    fields = fields_of(client.get(address(agent)))
    assert client.post(address(agent), fields).status_code == 302
    made = agent.policies.first()
    assert (made.number, made.rules, made.note, made.created_by) == (2, RULES, "Because", boss)
    assert agent.policies.get(number=1).rules == RULES
    [entry] = AuditEntry.objects.filter(target=f"policy:{made.pk}")
    assert (entry.action, entry.actor) == ("policy.save", f"operator:{boss.pk}")
    assert not rules.flaws(RULES)


def test_there_is_no_rule_that_the_form_would_lose():
    assert set(RULES) == set(rules.RULES_SCHEMA["properties"])


def test_what_is_empty_is_no_rule(boss, client):
    agent = make_agent()
    empty = {"based_on": 0, "note": "Start", "tool-part": ["tool", "", "when", "", ">", ""], "turns": ""}
    client.post(
        address(agent), empty | {"confidence-category": ["", "*"], "confidence-threshold": ["", "0.5"]}
    )
    assert agent.policies.get().rules == {"confidence": {"*": 0.5}}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"turns": "0"}, "a number above 0"),
        ({"turns": "1e400"}, "Enter a number"),
        ({"context_tokens": "NaN"}, "Enter a number"),
        ({"seconds": "many"}, "Enter a number"),
        ({"audit_percent": "101"}, "less than or equal to 100"),
        ({"phrases": "lawyer\n!"}, "“!” has no letter"),
        ({"never": "x" * 201}, "more than 200 characters"),
        ({"note": ""}, "Say in a few words why"),
        ({"confidence-category": ["*", "*"], "confidence-threshold": ["0.5", "0.6"]}, "stands there twice"),
        ({"confidence-category": ["*"], "confidence-threshold": ["1.2"]}, "from 0 to 1"),
        ({"confidence-category": [""], "confidence-threshold": ["0.2"]}, "Name the category"),
        ({"tool-part": ["tool", "", "when", "amount", ">", "9"]}, "Name the tool"),
        ({"tool-part": ["tool", "refund", "when", "", ">", "9"]}, "Name the argument"),
        ({"tool-part": ["tool", "refund", "when", "amount", ">", "nine"]}, "“nine” is no number"),
        ({"tool-part": ["tool", "refund", "when", "amount", "~", "9"]}, "no such comparison"),
        ({"tool-part": ["tool", "refund", "when", "amount", "in", ""]}, "Say what to compare it with"),
        ({"tool-part": ["tool", "a\0b"]}, "U+0000"),
        ({"tool-part": ["tool", "refund", "when", "a"]}, "no such comparison"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(boss, agent, client, changed, words):
    fields = fields_of(client.get(address(agent))) | changed
    answer = client.post(address(agent), fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    [marked] = (
        re.findall(r'aria-invalid="true" aria-describedby="([^"]+)"', page)[:1]
        or re.findall(r'aria-describedby="([^"]+)" [^>]*aria-invalid="true"', page)[:1]
    )
    assert any(f'id="{name}"' in page for name in marked.split())
    assert "my solicitor" in page or "phrases" in changed
    assert agent.policies.count() == 1


@pytest.mark.parametrize(
    "value", ["US", "100", 100, -1.5, True, "true", "", '"x"', " x ", "null", "a, b", "NaN"]
)
def test_a_value_is_read_as_it_was_shown(value):
    assert policy_values.read(policy_values.shown(value)) == value
    assert policy_values.read_list(policy_values.shown([value, "x", 5])) == [value, "x", 5]
    assert json.dumps(policy_values.read(policy_values.shown(value))) == json.dumps(value)


def test_half_a_letter_is_no_text_that_could_not_be_kept():
    assert policy_values.read('"\\ud800"') == '"\\ud800"'


def test_saving_from_a_stale_page_is_refused_with_what_changed(boss, agent, client):
    fields = fields_of(client.get(address(agent)))
    Policy.objects.create(agent=agent, number=2, rules=RULES | {"turns": 12}, note="Shorter")
    refused = client.post(address(agent), fields | {"seconds": "77"})
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "has changed since you opened this page" in page
    assert "&quot;turns&quot;: 20" in page
    assert "&quot;turns&quot;: 12" in page
    assert agent.policies.count() == 2
    again = fields_of(refused)
    assert again["seconds"] == "77"
    assert client.post(address(agent), again).status_code == 302
    assert agent.policies.first().rules == RULES | {"seconds": 77}


@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_at_once_one_gets_the_next_number(agent):
    admins = [make_admin() for _ in range(4)]

    def saving(operator):
        return lambda: policy_history.save(
            agent=agent, version=None, rules={"turns": 5}, note="n", operator=operator, based_on=1
        )

    answers = at_once([saving(operator) for operator in admins])
    refused = [answer for answer in answers if isinstance(answer, Outdated)]
    assert len(refused) == 3
    assert list(agent.policies.values_list("number", flat=True)) == [2, 1]
    assert {answer.now.number for answer in refused} == {2}


def test_a_version_begins_with_what_it_inherits_and_then_has_its_own(boss, agent, client):
    version = AgentVersion.objects.create(agent=agent, name="2.3")
    page = client.get(address(agent, version))
    assert "as for all versions without a policy of their own" in page.content.decode()
    client.post(address(agent, version), fields_of(page) | {"turns": "7"})
    made = version.policies.get()
    assert made.rules == RULES | {"turns": 7}
    assert policy_history.in_force(agent, version) == made
    assert policy_history.in_force(agent, None).number == 1
    shown = client.get(reverse("policy_number", args=[agent.pk, made.number])).content.decode()
    assert "What changed against number 1" in shown
    lines = client.get(reverse("policies")).content.decode()
    assert lines.index("Number 1") < lines.index("Number 2")


def test_an_old_number_is_compared_and_restored_as_a_new_one(boss, agent, client):
    Policy.objects.create(agent=agent, number=2, rules={"turns": 12})
    shown = client.get(reverse("policy_number", args=[agent.pk, 2])).content.decode()
    assert "What changed against number 1" in shown
    old = client.get(reverse("policy_number", args=[agent.pk, 1]), {"against": 2}).content.decode()
    assert "What changed against number 2" in old
    assert f"{address(agent)}?from=1" in old
    form = client.get(address(agent), {"from": 1})
    assert form.context["form"]["note"].value() == "Number 1 again"
    client.post(address(agent), fields_of(form))
    assert (agent.policies.first().number, agent.policies.first().rules) == (3, RULES)


@pytest.mark.parametrize(
    "query", ["version=999", "version=²", "version=1x", f"version={'9' * 30}", "from=77"]
)
def test_what_is_not_there_is_not_found(boss, agent, client, query):
    assert client.get(f"{address(agent)}?{query}").status_code == 404


def test_a_version_of_another_agent_is_not_found(boss, agent, client):
    other = AgentVersion.objects.create(agent=make_agent("billing"), name="1")
    assert client.get(address(agent, other)).status_code == 404


def test_a_draft_is_tried_before_it_is_saved_and_nothing_is_kept(boss, client):
    agent = make_agent(rules={"turns": 20})
    operator = make_operator()
    for number in range(12):
        case = make_case(agent, usage={"turns": 12 + number})
        decide(claim(case, operator), agent_correct="no", failure_primary="other")
    Resolution.objects.update(handle_seconds=60)
    Resolution.objects.filter(pk=Resolution.objects.first().pk).update(handle_seconds=420)
    fields = fields_of(client.get(address(agent))) | {"turns": "30", "note": ""}
    page = client.post(reverse("policy_trial", args=[agent.pk]), fields).content.decode()
    words = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "Go to a person of 0 finished runs and 12 cases 100.0% 75.0%" in words
    assert "Fewer runs and cases for people −3" in words
    assert "12 / 12 9 / 12 75.0%, 95% interval 46.8 to 91.1%" in words
    assert "Errors caught in runs of the errors that audits found" in words
    assert "not enough data n = 0" in words
    assert "People’s time cases and audits; one took 2 min, the mean of 12 −4 min" in words
    assert "The mean, not the median, because times are added up" in words
    assert "Cost of that time" in words
    assert "−$2.70" in words
    assert agent.policies.count() == 1


def test_the_list_has_the_newest_versions_of_each_agent(boss, agent, client):
    AgentVersion.objects.create(agent=make_agent("billing"), name="old")
    AgentVersion.objects.bulk_create(AgentVersion(agent=agent, name=f"build {at}.") for at in range(25))
    with statements() as sent:
        page = client.get(reverse("policies")).content.decode()
    assert "billing old" in page
    assert ("build 24." in page, "build 5." in page, "build 4." in page) == (True, True, False)
    assert "The 20 newest versions" in page
    assert sent.number <= 8


def test_rules_that_are_not_right_are_not_tried(boss, agent, client):
    fields = fields_of(client.get(address(agent))) | {"turns": "many"}
    page = client.post(reverse("policy_trial", args=[agent.pk]), fields).content.decode()
    assert "not complete or not right" in page


def test_a_trial_costs_few_statements_however_much_is_on_record(boss, agent, client):
    fields = fields_of(client.get(address(agent)))
    make_case(agent)
    with statements() as few:
        client.post(reverse("policy_trial", args=[agent.pk]), fields)
    for _ in range(20):
        make_case(agent)
    with statements() as many:
        client.post(reverse("policy_trial", args=[agent.pk]), fields)
    assert many.number == few.number <= 10
