"""The editor of policies: by keyboard alone, with what a draft would have done beside it."""

from json import dumps

from playwright.sync_api import expect

from tests.browser.test_axe import THEMES, ready, violations
from tests.browser.test_reflow import SIZES, faults
from tests.factories import claim, decide, make_admin, make_agent, make_case, make_operator


def test_a_policy_is_written_tried_and_saved_by_keyboard_alone(signed_in):
    agent = make_agent(rules={"turns": 20, "confidence": {"*": 0.5}})
    operator = make_operator()
    for number in range(12):
        decide(claim(make_case(agent, usage={"turns": 15 + number}), operator))
    page = signed_in(make_admin())
    page.goto(f"/policies/{agent.pk}/")
    ready(page)
    trial = page.locator("#trial")
    expect(trial.get_by_role("row", name="Go to a person")).to_contain_text("100.0%")
    page.keyboard.press("c")
    page.keyboard.type("refund")
    page.keyboard.press("Tab")
    page.keyboard.type("0.7")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("issue_refund")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # adds a condition, whose first field has the focus
    page.keyboard.type("amount")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("1000")
    page.get_by_label("Turns").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("25")
    page.keyboard.press("Enter")  # tries the rules, and saves nothing
    expect(trial.get_by_role("row", name="Fewer runs and cases")).to_contain_text("−5")
    expect(page.locator("#trial-summary")).to_contain_text("Under the draft")
    assert agent.policies.count() == 1
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").first).to_contain_text("Nothing was saved")
    expect(page.get_by_label("Why it changes")).to_be_focused()
    page.keyboard.type("Long runs are fine")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("In force: number 2")).to_be_visible()
    made = agent.policies.get(number=2)
    when = [{"argument": "amount", "op": ">", "value": 1000}]
    assert made.rules == {
        "turns": 25,
        "confidence": {"*": 0.5, "refund": 0.7},
        "approve_tools": [{"name": "issue_refund", "when": when}],
    }
    page.get_by_role("button", name="Remove the threshold for refund").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Category")).to_have_count(1)
    expect(page.locator("#policy [data-add-line]:focus, #policy [data-drop-line]:focus")).to_have_count(1)


def test_the_editor_breaks_no_rule_and_scrolls_one_way_only(signed_in):
    when = [{"argument": "amount", "op": ">", "value": 1000}]
    agent = make_agent(rules={"approve_tools": [{"name": "issue_refund", "when": when}], "phrases": ["law"]})
    make_agent(rules={"turns": 20})
    page = signed_in(make_admin())
    found = {}
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for address in (f"/policies/{agent.pk}/?from=1", f"/policies/{agent.pk}/1/"):
            page.goto(address)
            ready(page)
            if address.endswith("from=1"):
                expect(page.locator("#trial table").first).to_be_visible()
            found[f"{theme} {address}"] = violations(page)
    page.set_viewport_size(SIZES["400%"])
    page.goto(f"/policies/{agent.pk}/?from=1")
    expect(page.locator("#trial table").first).to_be_visible()
    found["enlarged"] = faults(page)
    assert not any(found.values()), dumps(found, indent=1)
