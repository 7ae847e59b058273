"""What surrounds every page: links by role, toasts, failures in words, theme, side sheets, times, charts."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from playwright.sync_api import expect

BUTTON = '<button type="button" hx-post="/act" hx-target="#out">Act</button><p id="out">before</p>'


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("operator", ["Queue", "Notices", "My day"]),
        ("reviewer", ["Queue", "Notices", "My day", "Metrics", "Reviews"]),
        ("admin", ["Queue", "Notices", "My day", "Metrics", "Reviews", "Datasets", "Settings"]),
    ],
)
def test_each_role_sees_its_pages(stage, role, names):
    stage.show("", role=role)
    assert [text.strip() for text in stage.page.locator("nav.rail a").all_text_contents()] == names


def test_an_action_carries_the_token_and_swaps_its_answer(stage):
    stage.answer("/act", body="done")
    stage.show(BUTTON)
    stage.page.get_by_role("button", name="Act").click()
    expect(stage.page.locator("#out")).to_have_text("done")
    assert len(stage.posts_to("/act")[0].headers["x-csrftoken"]) == 64


@pytest.mark.parametrize("status", [409, 422])
def test_a_refusal_brings_its_own_words(stage, status):
    stage.answer("/act", status=status, body="Kim has it.")
    stage.show(BUTTON)
    stage.page.get_by_role("button", name="Act").click()
    expect(stage.page.locator("#out")).to_have_text("Kim has it.")


def test_scripts_speak_the_language_of_the_page(stage):
    stage.answer("/act", status=503)
    with translation.override("de"):
        stage.show(BUTTON)
    stage.page.get_by_role("button", name="Act").click()
    expect(stage.page.locator(".toast")).to_contain_text("Der Server hat nicht geantwortet.")
    passed = stage.page.evaluate("import('desk/words').then(words => words.ngettext('%(count)s new', '', 2))")
    assert passed == "%(count)s neu"


@pytest.mark.parametrize(
    ("status", "words"), [(403, "not allowed"), (503, "did not answer"), (429, "Too many")]
)
def test_a_failure_is_told_and_changes_nothing(stage, status, words):
    stage.answer("/act", status=status, body="<h1>Traceback</h1>")
    stage.show(BUTTON)
    stage.page.get_by_role("button", name="Act").click()
    toast = stage.page.locator(".toast.bad")
    expect(toast).to_contain_text(words)
    expect(stage.page.locator("#out")).to_have_text("before")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


def test_the_server_may_send_a_toast_with_its_answer(stage):
    trigger = json.dumps({"handrail:toast": {"tone": "good", "text": "Case released."}})
    stage.answer("/act", body="done", **{"HX-Trigger": trigger})
    stage.show(BUTTON)
    stage.page.get_by_role("button", name="Act").click()
    expect(stage.page.locator(".toast.good")).to_contain_text("Case released.")


def test_the_theme_changes_at_once_and_is_saved(stage):
    stage.answer("/theme/", status=204)
    stage.show("")
    background = "getComputedStyle(document.body).backgroundColor"
    stage.page.get_by_role("button", name="Account of Noor Haddad").click()
    stage.page.get_by_role("button", name="Dark", exact=True).click()
    assert stage.page.evaluate(background) == "rgb(15, 17, 21)"
    stage.page.get_by_role("button", name="Light", exact=True).click()
    assert stage.page.evaluate(background) == "rgb(246, 247, 249)"
    stage.until(lambda: len(stage.posts_to("/theme/")) == 2)
    assert 'name="theme"\r\n\r\nlight' in (stage.posts_to("/theme/")[1].post_data or "")


@pytest.mark.parametrize(("scheme", "colour"), [("light", "rgb(246, 247, 249)"), ("dark", "rgb(15, 17, 21)")])
def test_the_theme_follows_the_system_until_it_is_fixed(stage, scheme, colour):
    stage.page.emulate_media(color_scheme=scheme)
    stage.show("")
    assert stage.page.evaluate("getComputedStyle(document.body).backgroundColor") == colour


def test_a_side_sheet_opens_with_its_content_and_gives_focus_back(stage):
    stage.answer("/peek", body='<h1>Refund?</h1><button type="button" data-close>Close</button>')
    link = '<a id="row" href="/case" hx-get="/peek" hx-target="#peek">Case</a>'
    stage.show(link, dialogs='<dialog class="sheet" id="peek" data-sheet aria-label="Peek"></dialog>')
    stage.page.locator("#row").focus()
    for close in (lambda: stage.page.keyboard.press("Escape"), stage.page.locator("[data-close]").click):
        stage.page.keyboard.press("Enter")
        expect(stage.page.get_by_role("heading", name="Refund?")).to_be_visible()
        close()
        expect(stage.page.locator("#peek")).to_be_hidden()
        expect(stage.page.locator("#row")).to_be_focused()


def test_due_times_count_and_change_tone(stage):
    stage.page.clock.install()
    now = datetime.now(UTC).replace(microsecond=500_000)  # it is written anew at each full second
    end, amber = ((now + timedelta(seconds=seconds)).isoformat() for seconds in (125, 65))
    stage.show(f'<time datetime="{end}" data-due="{amber}"></time>')
    stage.stop_the_clock()
    stage.page.clock.run_for(1000)
    due = stage.page.locator("time")
    expect(due).to_have_text(re.compile(r"^[12]:[0-5]\d$"))
    expect(due).to_have_class("")
    minutes, seconds = map(int, due.inner_text().split(":"))
    left = 60 * minutes + seconds
    assert left <= 125
    stage.page.clock.run_for(70_000)
    expect(due).to_have_text(f"0:{left - 70:02}")
    expect(due).to_have_class("warn")
    stage.page.clock.run_for(70_000)
    expect(due).to_have_text(f"−0:{139 - left:02}")
    expect(due).to_have_class("bad")


def test_a_chart_is_drawn_without_breaking_the_policy_and_leads_to_its_cases(stage):
    data = {
        "type": "bar",
        "x": ["22 Nov"],
        "unit": "cases",
        "series": [{"name": "cases", "data": [{"value": 5, "href": "/?day=22"}]}],
    }
    stage.show(
        '<div class="chart" data-chart="numbers"></div>'
        f'<script type="application/json" id="numbers">{json.dumps(data)}</script>',
        scripts='{% include "operators/_chart_scripts.html" %}',
        path="/figures/",
    )
    stage.answer("/", body="the cases")
    canvas = stage.page.locator(".chart canvas")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    stage.page.mouse.move(x, y)
    # The bar grows for a moment before it is where one clicks.
    stage.until(lambda: stage.page.url.endswith("/?day=22") or stage.page.mouse.click(x + 10, y))


def test_lines_that_end_near_each_other_are_named_in_a_legend(stage):
    def chart(name: str, ends: list[float]) -> str:
        lines = [{"name": f"p{number}", "data": [5, end, None]} for number, end in enumerate(ends)]
        data = {"type": "line", "x": ["22 Nov", "23 Nov", "24 Nov"], "unit": "h", "series": lines}
        place = f'<div class="chart" data-chart="{name}"></div>'
        return f'{place}<script type="application/json" id="{name}">{json.dumps(data)}</script>'

    stage.show(
        chart("near", [9.8, 10]) + chart("far", [5, 10]),
        scripts='{% include "operators/_chart_scripts.html" %}',
        path="/figures/",
    )
    expect(stage.page.locator(".chart canvas")).to_have_count(2)
    named = """element => {
        const drawn = echarts.getInstanceByDom(element).getOption();
        return [drawn.legend[0].show, ...drawn.series.map((line) => line.endLabel.show)];
    }"""
    of = {name: stage.page.locator(f"[data-chart={name}]").evaluate(named) for name in ("near", "far")}
    assert of == {"near": [True, False, False], "far": [False, True, True]}
