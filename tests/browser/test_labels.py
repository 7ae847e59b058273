"""Labels by keyboard alone: given with a decision and corrected afterwards."""

from json import dumps

from playwright.sync_api import expect

from escalations.labels import guidelines, taxonomy
from escalations.models import LabelRevision, Role
from tests.browser.pages import opened
from tests.browser.test_axe import THEMES, ready, violations
from tests.browser.test_reflow import SIZES, faults
from tests.browser.test_reviews import come_back_with_what_was_typed
from tests.factories import claim, decide, make_admin, make_case, make_operator

STEPS = [
    {"name": "identify customer", "status": "ok", "message_index": 1},
    {"name": "find payment", "status": "failed", "message_index": 1},
    {"name": "propose refund", "status": "ok", "message_index": 3},
]
_ASKED = {"name": "get_payment", "arguments": "{}"}
MESSAGES = [
    {"role": "user", "content": "I want my money back."},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "a", "type": "function", "function": _ASKED}],
    },
    {"role": "tool", "tool_call_id": "a", "content": "<html><title>502 Bad Gateway</title></html>"},
    {"role": "assistant", "content": "Shall I?"},
]


def labelled_case():
    return make_case(steps=STEPS, messages=MESSAGES, usage={"turns": 22})


def test_all_labels_are_given_by_keyboard_with_the_decision(signed_in):
    operator, case = make_operator(), labelled_case()
    claim(case, operator)
    page = opened(signed_in(operator), case)
    page.keyboard.press("a")
    page.keyboard.press("2")
    # What means to take over here is not shown as the key of a label.
    expect(page.locator("[data-action=label_tool] kbd")).to_be_hidden()
    page.keyboard.press("Shift+E")
    page.keyboard.press("ArrowDown")
    # The second step is only suggested as the first error: it is confirmed, and then given up.
    for step in ("1", ""):
        page.keyboard.press("f")
        expect(page.locator("#decide [name=first_error_index]:checked")).to_have_value(step)
    page.keyboard.press("ArrowUp")
    for key in ("g", "b", "f"):  # the last one is that of the third step: the first error
        page.keyboard.press(key)
    steps = page.locator("#steps")
    expect(steps.get_by_role("button", name="First error").nth(2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#decide [name=first_error_index]:checked")).to_have_value("2")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("r")
    page.locator("#turn-3").get_by_role("button", name="Step 3 was bad").click()
    expect(steps.locator("[name=step-2]:checked")).to_have_value("bad")
    page.locator("#ask").focus()
    page.keyboard.press("Shift+D")
    page.keyboard.press("d")
    expect(page.locator("#disposition")).to_be_focused()
    page.keyboard.press("Escape")  # out of the list, where letters look for a word, to the keys of the labels
    page.keyboard.press("t")  # what is suggested stands unfolded, with the keys of the others
    expect(page.locator("[name=fault_tool]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.locator("[name=failure_modes]:focus")).to_have_value("context_dilution")
    page.keyboard.press("r")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("b")
    page.keyboard.type("Look it up by the order")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("All clear: nothing waits for you.")).to_be_visible()

    said = LabelRevision.objects.get()
    assert said.step_labels == {"0": "good", "1": "bad", "2": "bad"}
    assert (said.first_error_index, said.root_cause_index) == (2, 1)
    assert (said.responsible, said.escalation_needed) == ("tool", True)
    assert said.deterministic_rule == "Look it up by the order"
    assert said.failure_modes == ["integration", "context_dilution", "error_cascade"]
    assert said.tool_fault == {"tool": "get_payment", "kind": "html_not_json"}
    assert said.active_seconds > 0
    accepted = dict(said.resolution.suggestions.values_list("field", "accepted"))
    assert accepted == {
        "failure_primary": True,
        "failure_modes": True,
        "tool_fault": True,
        "first_error_index": False,
    }


def test_labels_that_were_typed_and_not_sent_come_back_with_the_page(signed_in):
    operator, case = make_operator(), labelled_case()
    claim(case, operator)
    page = opened(signed_in(operator), case)
    page.locator("[name=failure_primary][value=none]").check()
    expect(page.locator("[name=failure_modes]:checked")).to_have_count(0)
    expect(page.locator("#decide [name=first_error_index]:checked")).to_have_value("")
    page.keyboard.press("Shift+E")
    page.keyboard.press("b")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    opened(page, case)
    expect(page.locator("[name=failure_modes]:checked")).to_have_count(0)
    expect(page.locator("#steps [name=step-0]:checked")).to_have_value("bad")
    expect(page.locator("#decide .chip.guess:has([name=first_error_index])")).to_have_text("2 find payment")
    expect(page.locator("#turn-1").get_by_role("button", name="Step 1 was bad")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator("[data-unsaved=decision]")).to_be_hidden()


def test_labels_are_corrected_by_keyboard_and_their_history_is_told(signed_in):
    case = labelled_case()
    decide(claim(case, make_operator(first_name="Kim")))
    noor = make_operator("noor", role=Role.REVIEWER, first_name="Noor")
    page = opened(signed_in(noor), case)
    page.keyboard.press("Shift+E")
    expect(page.get_by_role("heading", name="Correct the labels")).to_be_visible()
    ready(page)
    page.keyboard.press("2")
    page.locator("[name=failure_primary][value=integration]").check()
    page.locator("#steps [name=step-1][value=bad]").check()
    come_back_with_what_was_typed(page, noor, chosen="no")
    expect(page.get_by_text("You had begun to change these labels.")).to_be_visible()
    page.locator("#note").fill("In force.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The labels are corrected.")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('handrail.typed.'))") == []
    page.get_by_text("History of the labels · 2").click()
    expect(page.locator(".revisions > li").first).to_contain_text("Noor")
    expect(page.locator(".revisions > li").first).to_contain_text("2 bad")
    in_force = LabelRevision.objects.in_force().get()
    assert (in_force.step_labels, in_force.note) == ({"1": "bad"}, "In force.")


def test_the_pages_of_labels_break_no_rule_and_scroll_one_way_only(signed_in):
    boss = make_admin("boss")
    guidelines.save(text="# What counts\n\n- As the policy says", note="Start", operator=boss, based_on=0)
    content = {"modes": {"cost": {"title": "Too dear", "examples": ["Nine searches"]}}}
    taxonomy.save(content=content, note="Start", operator=boss, based_on=0)
    mine, closed = labelled_case(), labelled_case()
    decide(claim(closed, make_operator()), step_labels={"1": "bad"}, must=["Say when"])
    claim(mine, boss)
    page = signed_in(boss)
    addresses = [
        "/taxonomy/",
        "/guidelines/",
        f"/cases/{closed.id}/labels/",
        f"/cases/{mine.id}/",
    ]
    found = {}
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for address in addresses:
            page.goto(address)
            ready(page)
            for fold in page.locator("#more-labels, #guideline").all():
                fold.evaluate("(details) => (details.open = true)")
            if page.locator("#guideline").count():
                expect(page.locator(".guideline dl")).to_be_visible()
            found[f"{theme} {address}"] = violations(page)
    page.set_viewport_size(SIZES["400%"])
    for address in addresses:
        page.goto(address)
        ready(page)
        found[f"enlarged {address}"] = faults(page)
    assert not any(found.values()), dumps(found, indent=1)
