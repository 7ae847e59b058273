"""What admins do in the browser. `browser_page` fails on any error in a script and any breach of the CSP."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories


@pytest.fixture
def admin(signed_in):
    return signed_in(factories.make_admin("boss"))


@pytest.fixture
def decided(live_server):
    """Twelve decided cases of one agent and one open case of another."""
    operator = factories.make_operator()
    for _ in range(12):
        factories.make_resolved(operator)
    factories.make_case(factories.make_agent("billing"))


def test_charts_are_drawn_and_drawn_again_for_other_filters(admin, decided):
    admin.goto("/figures/")
    expect(admin.locator(".chart canvas")).to_have_count(8)
    expect(admin.locator(".figure", has_text="Intake")).to_contain_text("13")

    admin.get_by_label("Agent").select_option("billing")

    expect(admin.locator(".figure", has_text="Intake")).to_contain_text("1")
    expect(admin).to_have_url(re.compile("agent=billing"))
    expect(admin.locator("#chart-flow")).to_have_count(1)
    expect(admin.locator("[data-chart=chart-flow] canvas")).to_have_count(1)


def test_a_number_of_a_table_leads_to_its_cases(admin, decided):
    admin.goto("/figures/?period=24h")
    chart = admin.locator(".chart-card", has_text="Failure modes")

    chart.get_by_text("Table view").click()
    chart.get_by_role("row", name=re.compile("^support 2.3")).get_by_role("link").first.click()

    expect(admin.locator("#case-count")).to_have_text("12")
    expect(admin.locator("tbody tr")).to_have_count(12)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "escalations/agent/",
        "escalations/operator/add/",
        "escalations/queue/add/",
        "agents_api/webhookendpoint/add/",
        "agents_api/webhookdelivery/",
    ],
)
def test_settings_obey_the_policy_of_the_desk(page, admin):
    answer = admin.goto(f"/admin/{page}")

    assert answer.status == 200
    expect(admin.locator("#site-name")).to_contain_text("Handrail")


def test_a_key_is_made_and_revoked(admin, live_server):
    factories.make_agent()
    admin.goto("/admin/escalations/apikey/add/")
    admin.get_by_label("Agent:").select_option(label="support")
    admin.get_by_label("Name").fill("laptop")
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.get_by_text(re.compile(r"hr_live_\w{46} .*copy it now"))).to_be_visible()

    admin.get_by_role("row", name=re.compile("laptop")).get_by_role("link").first.click()
    admin.get_by_role("button", name="Revoke this key").click()

    expect(admin.get_by_text("Revoked:")).to_be_visible()
