"""The pages of the figures as people use them: by keyboard, live, kept and taken along."""

import re
from datetime import timedelta
from json import dumps

import pytest
from django.db.models.functions import Now
from playwright.sync_api import expect

from escalations import replay, sweeps
from escalations.models import Agent, AgentVersion, Escalation, PolicyReplay, Replay
from escalations.policy import trial
from escalations.replay import Settings
from escalations.sla import clocks
from tests import factories
from tests.browser.test_axe import violations
from tests.browser.test_reflow import faults

# A4 without the margins of the style sheet, at 96 pixels to the inch.
PAPER = {"width": 703, "height": 1016}
_CONTROLS = "button, input, select, textarea, summary, nav, [role=button], .button, .tabs"
# The colour of each chart’s words; and the one that the first, of lines alone, shows most: its scale’s.
_WORDS_OF_CHARTS = """() => [...document.querySelectorAll("[data-chart]")].map(
  (element) => echarts.getInstanceByDom(element).getOption().textStyle.color)"""
_SCALE = """() => {
  const canvas = document.querySelector(".report canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const found = {};
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3] > 200) found[data.slice(at, at + 3)] = (found[data.slice(at, at + 3)] ?? 0) + 1;
  return Object.entries(found).sort((a, b) => b[1] - a[1])[0][0].split(",").map(Number);
}"""


@pytest.fixture
def boss(live_server):
    return factories.make_admin("boss", first_name="Ada")


@pytest.fixture
def decided(live_server):
    """Twelve decided cases, some of them wrong at a step, and one that is late."""
    operator = factories.make_operator("noor", first_name="Noor")
    wrong = {"agent_correct": "no", "failure_primary": "integration", "first_error_index": 1}
    for number in range(12):
        steps = [{"name": "find order"}, {"name": "refund"}]
        case = factories.make_case(steps=steps, usage={"cost_usd": 0.4, "retries": 1})
        factories.decide(factories.claim(case, operator), **(wrong if number < 4 else {}))
    late = factories.make_case(question="Where is my money?")
    Escalation.objects.filter(id=late.id).update(
        pickup_due_at=Now() - timedelta(minutes=5), due_at=Now() - timedelta(minutes=1)
    )
    return late


def test_pages_of_figures_break_no_rule(signed_in, boss, decided):
    replay.start(operator=boss, queue="", settings=Settings(capacity=2))
    replay.policies.start(
        operator=boss,
        agent=Agent.objects.get(),
        version=None,
        tried={"turns": 1},
        during=trial.last_days(7),
    )
    assert [sweeps.sweep_replays() for _ in range(2)] == [1, 1]
    version, at = AgentVersion.objects.get().pk, clocks.database_now()
    page = signed_in(boss)
    light = [
        "failures/",
        "cost/",
        "scorecards/",
        "replays/",
        f"replays/{Replay.objects.get().pk}/",
        f"replays/policies/{PolicyReplay.objects.get().pk}/",
        f"replays/policies/{PolicyReplay.objects.get().pk}/rows/?figure=come&under=tried",
        f"../alerts/stood/oldest_case/?at={at:%Y-%m-%dT%H:%M:%SZ}",
        "report/",
    ]
    # Whose colours say something.
    dark = [f"scorecards/{version}/", "coverage/", "wall/", "risk/"]
    found = {}
    for theme, names in {"light": light, "dark": dark}.items():
        page.emulate_media(color_scheme=theme)
        for name in names:
            page.set_viewport_size({"width": 390, "height": 844})
            page.goto(f"/figures/{name}")
            expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
            page.set_viewport_size({"width": 1440, "height": 960})
            if broken := violations(page):
                found[name] = broken
    assert not found, dumps(found, indent=1)


def test_a_chart_is_read_by_keyboard_and_taken_along(signed_in, boss, decided):
    page = signed_in(boss)
    page.goto("/figures/failures/")
    card = page.locator(".chart-card", has=page.locator("[data-chart=chart-first-errors]"))
    expect(card.locator("canvas")).to_be_visible()

    with page.expect_download() as table:
        card.get_by_role("button", name="as CSV").click()
    with page.expect_download() as picture:
        card.get_by_role("button", name="as a picture").click()
    assert table.value.path().read_text("utf-8-sig").splitlines() == ["Step,Integration", "1,0", "2,4"]
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")

    card.locator("[data-chart]").focus()
    page.keyboard.press("End")
    expect(page.locator("#calm")).to_have_text("2, Integration: 4 cases")
    page.keyboard.press("Enter")
    expect(page.locator("#case-count")).to_have_text("4")


def test_a_late_case_is_taken_over_by_one_key_in_its_row(signed_in, boss, decided):
    factories.claim(decided, factories.make_operator("kim", first_name="Kim"))
    page = signed_in(boss)
    page.goto("/figures/risk/")
    expect(page.locator("#live-badge")).to_have_text("live")
    expect(page.locator(".risk-row")).to_contain_text("held by Kim")

    page.keyboard.press("t")  # of no row
    page.keyboard.press("j")
    page.keyboard.press("t")

    expect(page).to_have_url(re.compile(f"/cases/{decided.id}/"))
    decided.refresh_from_db()
    assert decided.holder == boss


def test_a_page_is_kept_with_its_filters_for_everybody(signed_in, boss, decided):
    page = signed_in(boss)
    page.goto("/figures/cost/")
    page.get_by_label("Agent").select_option("support")
    expect(page).to_have_url(re.compile("agent=support"))
    page.get_by_text("Save as dashboard").click()
    page.get_by_label("Name").fill("What support costs")
    page.get_by_label("Everybody who sees figures has it").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".dashboards .pill[aria-current]")).to_contain_text("What support costs")

    page = signed_in(factories.make_operator("ruth", role="reviewer"))
    page.goto("/figures/")
    page.get_by_role("link", name="What support costs").click()

    expect(page.get_by_label("Agent")).to_have_value("support")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cost")
    expect(page.get_by_role("button", name="Delete the dashboard")).to_have_count(0)


def test_a_replay_is_asked_for_and_shows_itself_when_it_is_done(signed_in, boss, decided):
    page = signed_in(boss)
    page.goto("/figures/replays/")
    page.get_by_label("People to add").fill("2")
    page.get_by_role("button", name="Replay the week").click()
    expect(page.get_by_text("Say which queue they would be in.")).to_be_visible()
    page.get_by_label("Add them to the queue").select_option("support")
    page.get_by_role("button", name="Replay the week").click()
    expect(page.locator("#replay")).to_contain_text("Waits for its turn.")

    sweeps.sweep_replays()

    expect(page.get_by_role("heading", name="The week three times")).to_be_visible()
    expect(page.get_by_text("Tried: 2 people more in support, with all skills.")).to_be_visible()


def test_a_draft_of_a_policy_is_replayed_from_its_page(signed_in, boss, decided):
    page = signed_in(boss)
    page.goto(f"/policies/{Agent.objects.get().pk}/")
    page.get_by_label("Turns").fill("1")
    page.get_by_role("button", name="Replay the last 7 days").click()
    expect(page.locator("#replay")).to_contain_text("Waits for its turn.")

    sweeps.sweep_replays()

    expect(page.get_by_role("row", name="Handed off to a person")).to_contain_text(
        "of 0 finished runs and 13 cases"
    )
    with page.expect_download() as table:
        page.get_by_role("button", name="The replay as CSV").click()
    assert ",As recorded,Rules in force,Rules tried" in table.value.path().read_text("utf-8-sig")


def test_the_report_is_printed_on_a4_in_light_colours_without_controls(signed_in, boss, decided):
    page = signed_in(boss)
    page.emulate_media(color_scheme="dark")
    page.goto("/figures/report/")
    page.get_by_role("link", name="Week after").click()
    expect(page.get_by_role("link", name="Week after")).to_have_count(0)
    expect(page.locator(".report canvas").first).to_be_visible()

    assert max(page.evaluate(_SCALE)) < 80

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)

    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert set(page.evaluate(_WORDS_OF_CHARTS)) == {ink}
    assert min(page.evaluate(_SCALE)) > 200
    expect(page.locator(_CONTROLS).filter(visible=True)).to_have_count(0)
    assert not faults(page)
    expect(page.locator(".report")).to_contain_text("Time to resolution")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("[data-paper]")).to_have_count(0)
